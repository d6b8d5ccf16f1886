declare const cursorBrand: unique symbol
/** How far a pull from a network got. Opaque to all but its provider; kept in the transaction of what it brought. */
export type Cursor = string & { readonly [cursorBrand]: true }
export const START_CURSOR = '' as Cursor
