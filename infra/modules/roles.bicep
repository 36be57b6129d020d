// Who may do what, each on the one resource that it is for. A test has the list of roles with the reason of each; one that is not in it turns the build red.
@description('Name of the storage account.')
param storageName string

@description('Name of the vault.')
param vaultName string

@description('Name of Application Insights.')
param insightsName string

@description('Object id of the app\'s identity.')
param appPrincipalId string

@description('Object id of whoever deploys; empty: no roles.')
param deployerId string

@description('What deployerId is.')
param deployerType string

var appRoles = {
  blobs: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner: the Functions host keeps leases and its keys in blobs, and reads the package
  queues: '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor: sends and takes messages, makes queues that are missing
  tables: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor: reads and writes rows, makes tables that are missing
}
var deployerRoles = {
  blobs: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1' // Storage Blob Data Reader: sees whether a package was deployed
  queues: '19e7f393-937e-4f77-808e-94535e297925' // Storage Queue Data Reader: looks at what waits
  tables: '76199698-9eea-4c19-bc75-cec21354c6b6' // Storage Table Data Reader: looks at state
}
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6' // Key Vault Secrets User: reads values, lists none
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher: sends telemetry

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource appOnStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in items(appRoles): {
  name: guid(storage.id, appPrincipalId, role.value)
  scope: storage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}]

resource appOnVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, appPrincipalId, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource appOnInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, appPrincipalId, metricsPublisher)
  scope: insights
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource deployerOnStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in items(deployerRoles): if (!empty(deployerId)) {
  name: guid(storage.id, deployerId, role.value)
  scope: storage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    principalId: deployerId
    principalType: deployerType
  }
}]

resource deployerOnVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerId)) {
  name: guid(vault.id, deployerId, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: deployerId
    principalType: deployerType
  }
}
