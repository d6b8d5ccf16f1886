/** Where members say who they are. Last writer, so that the proof of an invitation lies open in the event. */
export const MEMBERS = '~members'
