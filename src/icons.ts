/**
 * The icons that JupyterLab does not have.
 */
import { LabIcon } from '@jupyterlab/ui-components';

import agentSvg from '../style/icons/agent.svg';
import explainSvg from '../style/icons/explain.svg';
import fixSvg from '../style/icons/fix.svg';
import hintSvg from '../style/icons/hint.svg';
import locateSvg from '../style/icons/locate.svg';
import sendSvg from '../style/icons/send.svg';

export const agentIcon = new LabIcon({
  name: 'jupyter-oci:agent',
  svgstr: agentSvg
});

export const sendIcon = new LabIcon({
  name: 'jupyter-oci:send',
  svgstr: sendSvg
});

/** Scrolls the notebook to a cell. */
export const locateIcon = new LabIcon({
  name: 'jupyter-oci:locate',
  svgstr: locateSvg
});

export const fixIcon = new LabIcon({
  name: 'jupyter-oci:fix',
  svgstr: fixSvg
});

export const explainIcon = new LabIcon({
  name: 'jupyter-oci:explain',
  svgstr: explainSvg
});

export const hintIcon = new LabIcon({
  name: 'jupyter-oci:hint',
  svgstr: hintSvg
});
