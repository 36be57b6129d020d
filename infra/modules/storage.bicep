// State: one account, opened by roles only. Its tables and queues are those of shared/Pushcart/Storage/Names.cs; a test compares them. The tables workers and logs are for registered workers.
@description('Name of the account.')
param name string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Begins the name of every table and queue.')
param prefix string

@description('True where only a private network reaches it.')
param isPrivate bool

var deploymentContainer = 'deployment'
var queues = ['checks', 'jobs', 'checks-poison', 'jobs-poison']
var tables = ['live', 'history', 'resources', 'ticks', 'dead', 'tokens', 'workers', 'logs']

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource container 'containers' = {
      name: deploymentContainer
      properties: {
        publicAccess: 'None'
      }
    }
  }

  resource queueService 'queueServices' = {
    name: 'default'

    resource queue 'queues' = [for queueName in queues: {
      name: '${prefix}${queueName}'
    }]
  }

  resource tableService 'tableServices' = {
    name: 'default'

    resource table 'tables' = [for tableName in tables: {
      name: '${prefix}${tableName}'
    }]
  }
}

@description('Resource id.')
output id string = account.id

@description('Name of the account.')
output name string = account.name

@description('Container of the app\'s package.')
output deploymentContainer string = deploymentContainer
