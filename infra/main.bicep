// Pushcart in one resource group: a Functions app on the Flex Consumption plan, its storage, vault and telemetry, and, if asked for, a cluster and a private network.
// docs/deploying.md says what each parameter is for; `azd env set` gives it.
targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('Name of the azd environment: it names the resource group, and with the subscription and location all else.')
param environmentName string

@minLength(1)
@description('Region of all resources. It must have the Flex Consumption plan.')
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@description('Object id of whoever deploys: may read state and the first admin token, and, with a new cluster, administers it. Empty: nobody gets these roles.')
param principalId string = ''

@allowed(['User', 'ServicePrincipal', 'Group'])
@description('What principalId is: a person, or the service principal of a pipeline.')
param principalType string = 'User'

@minLength(3)
@maxLength(20)
@description('Begins the name of every table and queue: lower-case letters and digits, a letter first.')
param storagePrefix string = 'pushcart'

@allowed(['economy', 'fast'])
@description('economy: checks and claims wait for a cold start when nothing runs. fast: an instance for each of HTTP, checks and claims is always ready (docs/costs.md has both prices).')
param latency string = 'economy'

@allowed(['on', 'off'])
@description('With economy: whether one instance for HTTP is always ready, so that a provider of webhooks does not wait for a cold start.')
param webhooksReady string = 'on'

@allowed(['512', '2048', '4096'])
@description('MB of an instance. 512 is the cheapest, and a quarter of a core.')
param instanceMemory string = '512'

@allowed(['public', 'private'])
@description('private: storage and vault are reached through a virtual network only. The app itself keeps its public address, for webhooks.')
param network string = 'public'

@allowed(['none', 'existing', 'new'])
@description('Where jobs run: in an AKS cluster that is there, in a new one, or nowhere (none: only registered workers run jobs).')
param kubernetes string = 'none'

@description('With existing: resource id of the AKS cluster, which must have Microsoft Entra integration.')
param clusterId string = ''

@description('Namespaces in which jobs may run, separated by commas. A hook gives the identity its Role in each.')
param kubernetesNamespaces string = 'default'

@description('With new: size of its one node.')
param nodeSize string = 'Standard_D2as_v5'

@description('Who is told by the alerts. Empty: alerts are raised, and nobody is written to.')
param alertsEmail string = ''

@description('Address at which Pushcart is reached from outside, where it is not the app\'s own: links and managed webhooks name it.')
param publicUrl string = ''

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var isPrivate = network == 'private'

// One place for all names, so that a test can hold them against the limits of each kind of resource.
var names = {
  group: 'rg-${environmentName}'
  identity: 'id-${token}'
  storage: 'st${token}'
  vault: 'kv-${token}'
  workspace: 'log-${token}'
  insights: 'appi-${token}'
  network: 'vnet-${token}'
  cluster: 'aks-${token}'
  plan: 'plan-${token}'
  app: 'func-${token}'
}

// The cluster's id without the cluster: it must be known before the cluster is there.
var newClusterId = resourceId(subscription().subscriptionId, names.group, 'Microsoft.ContainerService/managedClusters', names.cluster)
var usedClusterId = kubernetes == 'new' ? newClusterId : kubernetes == 'existing' ? clusterId : ''

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: names.group
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: names.identity
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: names.storage
    location: location
    tags: tags
    prefix: storagePrefix
    isPrivate: isPrivate
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    name: names.vault
    location: location
    tags: tags
    isPrivate: isPrivate
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: names.workspace
    insightsName: names.insights
    location: location
    tags: tags
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    storageName: storage.outputs.name
    vaultName: vault.outputs.name
    insightsName: monitoring.outputs.insightsName
    appPrincipalId: identity.outputs.principalId
    deployerId: principalId
    deployerType: principalType
  }
}

module privateNetwork 'modules/network.bicep' = if (isPrivate) {
  name: 'network'
  scope: group
  params: {
    name: names.network
    location: location
    tags: tags
    storageId: storage.outputs.id
    vaultId: vault.outputs.id
  }
}

module cluster 'modules/cluster.bicep' = if (kubernetes == 'new') {
  name: 'cluster'
  scope: group
  params: {
    name: names.cluster
    location: location
    tags: tags
    nodeSize: nodeSize
    deployerId: principalId
    deployerType: principalType
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  params: {
    planName: names.plan
    name: names.app
    location: location
    tags: union(tags, { 'azd-service-name': 'functions' })
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageName: storage.outputs.name
    deploymentContainer: storage.outputs.deploymentContainer
    storagePrefix: storagePrefix
    vaultUri: vault.outputs.uri
    insightsName: monitoring.outputs.insightsName
    subnetId: isPrivate ? privateNetwork!.outputs.appSubnetId : ''
    instanceMemory: int(instanceMemory)
    latency: latency
    webhooksReady: webhooksReady == 'on'
    clusterId: usedClusterId
    publicUrl: publicUrl
  }
  // An app that starts before its roles are there, or before a new cluster has an address, fails its first functions.
  dependsOn: [roles, cluster]
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    name: names.app
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    insightsId: monitoring.outputs.insightsId
    url: app.outputs.url
    email: alertsEmail
  }
}

@description('Region of the resources.')
output AZURE_LOCATION string = location

@description('Resource group of everything.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Address of Pushcart.')
output PUSHCART_URL string = app.outputs.url

@description('Address that providers send webhooks to; their name follows: github, gitlab ….')
output PUSHCART_WEBHOOK_URL string = '${empty(publicUrl) ? app.outputs.url : publicUrl}/hooks/'

@description('Resource id of the Functions app.')
output PUSHCART_APP_ID string = app.outputs.id

@description('Name of the storage account.')
output PUSHCART_STORAGE_ACCOUNT string = storage.outputs.name

@description('Container that the package is deployed to.')
output PUSHCART_DEPLOYMENT_CONTAINER string = storage.outputs.deploymentContainer

@description('Begins the name of every table and queue.')
output PUSHCART_STORAGE_PREFIX string = storagePrefix

@description('Resource id of the vault.')
output PUSHCART_VAULT_ID string = vault.outputs.id

@description('Object id of the app\'s identity: who it is for a cluster.')
output PUSHCART_IDENTITY_ID string = identity.outputs.principalId

@description('Object id of whoever deploys, who has roles to try; empty: nobody.')
output PUSHCART_DEPLOYER_ID string = principalId

@description('public or private.')
output PUSHCART_NETWORK string = network

@description('none, existing or new.')
output PUSHCART_KUBERNETES string = kubernetes

@description('Resource id of the cluster that jobs run in; empty: none.')
output PUSHCART_CLUSTER_ID string = usedClusterId

@description('Namespaces in which jobs may run.')
output PUSHCART_NAMESPACES string = kubernetesNamespaces

@description('What the choice of cluster means.')
output PUSHCART_NOTE string = kubernetes == 'none' ? 'No cluster: only registered workers run jobs. azd env set PUSHCART_KUBERNETES existing (or new) and azd up change that.' : 'Jobs run in ${last(split(usedClusterId, '/'))}.'
