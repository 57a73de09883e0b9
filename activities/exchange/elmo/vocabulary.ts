/** Names that documents are made of. ELMO's 1.x and 2.0 share one namespace. */
export const ELMO = 'https://github.com/emrex-eu/elmo-schemas/tree/v1';
/** The namespace of XML signatures. */
export const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
/** Ours, inside ELMO's `extension`: ELMO has no place for the title of a thesis. */
export const EXTENSION = 'urn:registrar:resultatutveksling:1';
