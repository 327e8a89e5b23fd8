// What every page of the admin has: the box that leads anywhere, keys, and messages that go by.
import "./keys.js";
import "./toasts.js";
