// The Functions app. Every setting that it gets is in docs/settings.md; a test compares them.
@description('Name of the plan.')
param planName string

@description('Name of the app, and of its address.')
param name string

@description('Region.')
param location string

@description('Tags of every resource; azd finds the app by one of them.')
param tags object

@description('Resource id of the identity that the app is.')
param identityId string

@description('Client id of that identity.')
param identityClientId string

@description('Name of the storage account.')
param storageName string

@description('Container of the package.')
param deploymentContainer string

@description('Begins the name of every table and queue.')
param storagePrefix string

@description('Address of the vault.')
param vaultUri string

@description('Name of Application Insights.')
param insightsName string

@description('Subnet that the app goes out through; empty: none.')
param subnetId string

@allowed([512, 2048, 4096])
@description('MB of an instance.')
param instanceMemory int

@allowed(['economy', 'fast'])
@description('Which functions have an instance that is always ready.')
param latency string

@description('Whether HTTP has one with economy too.')
param webhooksReady bool

@description('Resource id of the AKS cluster that jobs run in; empty: none.')
param clusterId string

@description('Address at which Pushcart is reached; empty: the app\'s own.')
param publicUrl string

var hasCluster = !empty(clusterId)
var clusterParts = split(hasCluster ? clusterId : 'no/no/no/no/no/no/no/no/no', '/')

// Who takes events in, who looks at repositories, and who starts jobs: the way from a push to its job.
var readyHttp = [
  {
    name: 'http'
    instanceCount: 1
  }
]
var readyWork = [
  {
    name: 'function:Check'
    instanceCount: 1
  }
  {
    name: 'function:Claim'
    instanceCount: 1
  }
]

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource cluster 'Microsoft.ContainerService/managedClusters@2024-09-01' existing = if (hasCluster) {
  name: clusterParts[8]
  scope: resourceGroup(clusterParts[2], clusterParts[4])
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        // The least that the plan allows. Slots, not instances, bound how many jobs run.
        maximumInstanceCount: 40
        instanceMemoryMB: instanceMemory
        alwaysReady: latency == 'fast' ? concat(readyHttp, readyWork) : webhooksReady ? readyHttp : []
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        AzureWebJobsStorage__accountName: storage.name
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identityClientId
        APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
        AZURE_CLIENT_ID: identityClientId
        // Triggers name these; the Functions host reads them before the worker starts, so the worker's own defaults do not reach it.
        Storage__Prefix: storagePrefix
        Poll__Schedule: '0 * * * * *'
        Observe__Schedule: '*/15 * * * * *'
        CleanHistory__Schedule: '0 0 * * * *'
        Hooks__Schedule: '0 30 * * * *'
        Executor: hasCluster ? 'kubernetes' : 'none'
        Secrets__From: 'keyvault'
        KeyVault__Uri: vaultUri
        Tokens__FirstAdmin: '@Microsoft.KeyVault(SecretUri=${vaultUri}/secrets/pushcart-first-admin)'
        PublicUrl: empty(publicUrl) ? 'https://${app.properties.defaultHostName}' : publicUrl
      },
      hasCluster
        ? {
            Kubernetes__Server: 'https://${cluster!.properties.fqdn}:443'
            // Of the kubeconfig only the cluster's public certificate: with Microsoft Entra there is no secret in it that is needed.
            Kubernetes__CertificateAuthority: trim(split(split(base64ToString(cluster!.listClusterUserCredential().kubeconfigs[0].value), 'certificate-authority-data:')[1], '\n')[0])
          }
        : {}
    )
  }

  // Deployments come with Microsoft Entra; names and passwords for them are off.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

@description('Resource id.')
output id string = app.id

@description('Address, without a slash at its end.')
output url string = 'https://${app.properties.defaultHostName}'
