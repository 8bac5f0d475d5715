/**
 * @generated SignedSource<<2448341c201ee4832c9ec1bf47ae86f0>>
 * @lightSyntaxTransform
 */

/* eslint-disable */

'use strict';

var node = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "entries"
  }
],
v1 = [
  {
    "alias": null,
    "args": [
      {
        "fields": [
          {
            "kind": "Variable",
            "name": "entries",
            "variableName": "entries"
          }
        ],
        "kind": "ObjectValue",
        "name": "input"
      }
    ],
    "concreteType": "SettleQueueEntriesPayload",
    "kind": "LinkedField",
    "name": "completeQueueEntries",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "concreteType": "SettleResult",
        "kind": "LinkedField",
        "name": "results",
        "plural": true,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "id",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "concreteType": "SettleError",
            "kind": "LinkedField",
            "name": "error",
            "plural": false,
            "selections": [
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "code",
                "storageKey": null
              },
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "message",
                "storageKey": null
              }
            ],
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "relayInboxCompleteMutation",
    "selections": (v1/*:: as any*/),
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "relayInboxCompleteMutation",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "7744fe9ec4b2ed59b238e9276b6dda23",
    "id": null,
    "metadata": {},
    "name": "relayInboxCompleteMutation",
    "operationKind": "mutation",
    "text": "mutation relayInboxCompleteMutation(\n  $entries: [SettleEntryInput!]!\n) {\n  completeQueueEntries(input: {entries: $entries}) {\n    results {\n      id\n      error {\n        code\n        message\n      }\n    }\n  }\n}\n"
  }
};
})();

node.hash = "af0c4e286820da3386573e4647507527";

export default node;
