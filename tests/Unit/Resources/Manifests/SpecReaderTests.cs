using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Tests.Unit.Resources.Manifests;

public sealed class SpecReaderTests
{
    public static TheoryData<string> Manifests { get; } =
    [
        Given.Repo,
        Given.Trigger,
        Given.Webhook,
        Given.Action,
        Given.Settings,
        Given.Repo.Replace("type: basic", "type: token", StringComparison.Ordinal),
        Given.Trigger.Replace("onChangeOnly: true", "onChangeOnly: false", StringComparison.Ordinal).Replace("suspend: false", "suspend: true", StringComparison.Ordinal),
        Given.Trigger.Replace("branch: main", "commit: 92ABCD3FC4082ED5E53F12B383E14580B83DCFF3", StringComparison.Ordinal).Replace("interval: 5m", "cron: '@daily'", StringComparison.Ordinal),
        Given.Action.Replace("group: g, limit: 2, ", "", StringComparison.Ordinal),
        "{apiVersion: pushcart.dev/v1, kind: GitRepo, metadata: {name: a}, spec: {repoUri: 'http://h/x', tlsConfig: {}}}",
    ];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void What_is_written_is_read_back_the_same(string manifest)
    {
        var applied = Given.One(manifest);
        Assert.Equal(applied.Json, SpecReader.ToJson(SpecReader.FromJson(applied.Name.Kind, applied.Json)));
    }

    [Fact]
    public void Every_field_is_written()
    {
        Assert.Equal("""{"repoUri":"https://git.example.com/app.git","tlsConfig":{"caCert":{"secretRef":{"name":"ca"}}},"authConfig":{"type":"basic","secretRef":{"name":"creds"},"keys":{"username":"u","password":"p","token":"t","privateKey":"k"}},"webhook":{"secretRef":{"name":"hook","key":"secret"},"manage":true}}""", Given.One(Given.Repo).Json);
        Assert.Equal("""{"sources":{"names":["app"],"watchOn":{"files":["docs/"]}},"schedule":{"interval":"5m"},"action":{"kind":"Action","name":"build"},"onPush":true}""", Given.One(Given.Trigger).Json);
        Assert.Equal("""{"sources":{"kind":"ClusterGitRepo","names":["app","lib"],"watchOn":{"onChangeOnly":false,"reference":{"tag":"v1"}}},"webhook":{"multiSource":true,"authConfig":{"secretRef":{"name":"hook"},"key":"token","header":"x-secret"}},"action":{"kind":"ClusterAction","name":"build"},"suspend":true}""", Given.One(Given.Webhook).Json);
        Assert.Equal("""{"maxRunningJobs":4,"actionImage":"alpine:3","clonerImage":"git:1","serviceAccount":"runner","workdir":"/work","variablesPrefix":"CI_","activeDeadlineSeconds":60,"jobWaitingTimeoutSeconds":120,"ttlSecondsAfterFinished":0,"pendingLimitSeconds":30,"podSecurityContext":{"runAsUser":2000},"securityContext":{"readOnlyRootFilesystem":true},"resources":{"limits":{"cpu":"1"}},"triggerAuthHeader":"x-secret"}""", Given.One(Given.Settings).Json);
        Assert.Equal("""{"actionJob":{"command":["make"],"args":["all"],"actionImage":"alpine:3","clonerImage":"cloner:1","serviceAccount":"runner","workdir":"/work","enableClonerDebug":true,"preserveGitFolder":true,"activeDeadlineSeconds":60,"jobWaitingTimeoutSeconds":60,"ttlSecondsAfterFinished":0,"labels":{"team":"x"},"annotations":{"a.b/c":"anything goes"},"affinity":{"nodeAffinity":{}},"nodeSelector":{"disk":"ssd"},"tolerations":[{"key":"k","operator":"Exists"}],"retries":2,"onLost":"retry","concurrency":{"group":"g","limit":2,"cancelSuperseded":true},"clone":{"depth":0,"submodules":true},"podTemplate":{"spec":{"priorityClassName":"low"}},"worker":{"name":"north","labels":{"gpu":"true"}}},"sourceOverride":{"kind":"GitRepo","name":"other","reference":{"tag":"v1"}}}""", Given.One(Given.Action).Json);
    }

    [Fact]
    public void Two_ways_to_say_the_same_have_one_normal_form()
    {
        const string Short = "{apiVersion: pushcart.dev/v1, kind: ScheduleTrigger, metadata: {name: a}, spec: {schedule: {cron: '@daily'}, action: {name: b, kind: Action}, sources: {names: [x]}}}";
        const string Long = "{apiVersion: pushcart.dev/v1, kind: ScheduleTrigger, metadata: {name: a}, spec: {suspend: false, sources: {names: [x], kind: GitRepo, watchOn: {onChangeOnly: true, files: [], reference: {branch: main}}}, action: {kind: Action, name: b}, schedule: {cron: '@daily', interval: }}}";
        Assert.Equal(Given.One(Short).Json, Given.One(Long).Json);
    }

    [Fact]
    public void A_stored_schedule_that_has_ended_can_still_be_read() =>
        Assert.Equal("0 0 0 1 1 ? 2020", ((ScheduleTriggerSpec)SpecReader.FromJson(
            ResourceKind.ScheduleTrigger, """{"sources":{"names":["a"]},"schedule":{"cron":"0 0 0 1 1 ? 2020"},"action":{"kind":"Action","name":"b"}}""")).Cron);

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"repoUri\":\"https://h/x\",\"more\":1}")]
    [InlineData("{\"repoUri\":\"https://h/x\"}{}")]
    public void A_stored_spec_is_read_strictly(string json)
    {
        Assert.False(SpecReader.TryFromJson(ResourceKind.GitRepo, json, out _, out var error));
        Assert.StartsWith("the spec of a GitRepo cannot be read: ", error, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => SpecReader.FromJson(ResourceKind.GitRepo, json));
    }
}
