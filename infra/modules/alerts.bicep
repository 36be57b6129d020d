// What wakes somebody: Pushcart is not ready, messages wait too long, messages end as dead letters, a timer stopped. The names of functions are those of the code; a test compares them.
@description('Begins the names.')
param name string

@description('Region of the alerts that ask the workspace.')
param location string

@description('Tags of every resource.')
param tags object

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Resource id of Application Insights.')
param insightsId string

@description('Address of Pushcart.')
param url string

@description('Who is told; empty: nobody.')
param email string

var groups = empty(email) ? [] : [action.id]
var rules = [
  {
    name: 'oldest-message'
    what: 'A message waited more than 10 minutes in its queue: more comes in than is worked off, or instances fail to start.'
    window: 'PT15M'
    // The Functions host writes this line for each message that it takes.
    query: 'AppTraces | where Message startswith "Trigger Details:" | parse Message with * "InsertionTime: " inserted:datetime | where TimeGenerated - inserted > 10m'
  }
  {
    name: 'dead-letters'
    what: 'Messages failed too often and went to a poison queue. GET api/queues, and the table of dead letters, say which and why.'
    window: 'PT15M'
    query: 'AppRequests | where OperationName in ("CheckPoison", "JobPoison")'
  }
  {
    name: 'timer-stopped'
    what: 'Poll or Observe has not run for a quarter of an hour, so nothing is looked for, or nothing is looked after.'
    window: 'PT15M'
    query: 'datatable(OperationName: string) ["Poll", "Observe"] | join kind=leftanti (AppRequests | where OperationName in ("Poll", "Observe") | distinct OperationName) on OperationName'
  }
]

resource action 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: '${name}-alerts'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'pushcart'
    enabled: true
    emailReceivers: [
      {
        name: 'operators'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource ready 'Microsoft.Insights/webtests@2022-06-15' = {
  name: '${name}-ready'
  location: location
  tags: union(tags, { 'hidden-link:${insightsId}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: '${name}-ready'
    Name: '${name}-ready'
    Kind: 'standard'
    Enabled: true
    Frequency: 900
    Timeout: 60
    RetryEnabled: true
    Locations: [
      {
        Id: 'emea-nl-ams-azr'
      }
    ]
    Request: {
      RequestUrl: '${url}/healthz/ready'
      HttpVerb: 'GET'
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
    }
  }
}

resource notReady 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-not-ready'
  location: 'global'
  tags: tags
  properties: {
    description: 'healthz/ready did not answer 200: storage, the cluster or a timer is away. Its answer says which.'
    severity: 1
    enabled: true
    evaluationFrequency: 'PT15M'
    windowSize: 'PT30M'
    scopes: [ready.id, insightsId]
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: ready.id
      componentId: insightsId
      failedLocationCount: 1
    }
    actions: [for group in groups: {
      actionGroupId: group
    }]
  }
}

resource queries 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in rules: {
  name: '${name}-${rule.name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Pushcart: ${rule.name}'
    description: rule.what
    severity: 2
    enabled: true
    evaluationFrequency: 'PT15M'
    windowSize: rule.window
    scopes: [workspaceId]
    // The workspace has no table before the first record of its kind.
    skipQueryValidation: true
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: rule.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: groups
    }
  }
}]
