// What every page of the storefront does, sent as one file.
import "./cart.js";
import "./menu.js";
import "./wishlist.js";
import "./account.js";
import "./transitions.js";
import "./suggest.js";
