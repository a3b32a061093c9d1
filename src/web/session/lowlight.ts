/** The languages that code is coloured in; a file of its own, so that it is loaded by itself. */
import { common, createLowlight } from 'lowlight'

export const lowlight = createLowlight(common)
