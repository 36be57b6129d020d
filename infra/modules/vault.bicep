// Secrets: the first admin token, which a hook makes, and those of sources (docs/operating.md, "Secrets in Azure Key Vault"). No template ever sees a value.
@description('Name of the vault.')
param name string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('True where only a private network reaches it.')
param isPrivate bool

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    enablePurgeProtection: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }
}

@description('Resource id.')
output id string = vault.id

@description('Name of the vault.')
output name string = vault.name

@description('Address of the vault, without the slash at its end.')
output uri string = substring(vault.properties.vaultUri, 0, length(vault.properties.vaultUri) - 1)
