// Who the app is. User-assigned, so that its roles are there before the app starts, and outlive it.
@description('Name of the identity.')
param name string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id.')
output id string = identity.id

@description('Object id: whom roles are given to.')
output principalId string = identity.properties.principalId

@description('Client id: by which the app says which of its identities it means.')
output clientId string = identity.properties.clientId
