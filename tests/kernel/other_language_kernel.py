"""A kernel of another language, which says what it was ever asked to execute."""

from typing import ClassVar

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class OtherLanguageKernel(Kernel):
    implementation = "other"
    implementation_version = "1"
    language_info: ClassVar = {"name": "other", "mimetype": "text/plain", "file_extension": ".other"}
    banner = "Other"
    received: ClassVar[list[str]] = []

    async def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False):
        self.received.append(code)
        content = {"name": "stdout", "text": f"received {' '.join(self.received)}\n"}
        self.send_response(self.iopub_socket, "stream", content)
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=OtherLanguageKernel)
