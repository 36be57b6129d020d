using System.Globalization;
using System.Text.Json.Nodes;
using Pushcart.Resources.Manifests;

namespace Pushcart.Tests.Unit.Resources.Manifests;

/// <summary>Each field wrong in turn: a valid manifest, one value replaced, and exactly one fault at its path.</summary>
public sealed class FieldFaultTests
{
    [Theory]
    [InlineData("apiVersion", "\"v1\"", "must be pushcart.dev/v1 or git-events-runner.rs/v1alpha1, not \"v1\"")]
    [InlineData("kind", "\"GitRep\"", "did you mean GitRepo?")]
    [InlineData("kind", "\"Secret\"", "must be one of GitRepo, ClusterGitRepo, ScheduleTrigger, WebhookTrigger, Action, ClusterAction, Settings, not \"Secret\"")]
    [InlineData("kind", "null", "is required")]
    [InlineData("metadata", "null", "is required")]
    [InlineData("metadata.name", "null", "is required")]
    [InlineData("metadata.name", "\"App\"", "is no valid name")]
    [InlineData("metadata.name", "\"a/b\"", "is no valid name")]
    [InlineData("metadata.name", "7", "7 is read as a number; put it in quotes")]
    [InlineData("metadata.namespace", "\"a.b\"", "is no valid name")]
    [InlineData("metadata.labels", "[]", "must be an object of texts, not a list")]
    [InlineData("metadata.labels", "{\"a\": 1}", "put it in quotes", "metadata.labels.a")]
    [InlineData("metadata.annotations", "{\"a b\": \"\"}", "is no valid key", "metadata.annotations[\"a b\"]")]
    [InlineData("metadata.nmae", "\"x\"", "did you mean name?")]
    [InlineData("spec", "null", "is required")]
    [InlineData("spec", "[]", "must be an object, not a list")]
    [InlineData("sepc", "{}", "did you mean spec?")]
    [InlineData("spec.repoUri", "null", "is required")]
    [InlineData("spec.repoUri", "\"ftp://x/y\"", "must be an address that begins with https://, http:// or ssh://, or have the form user@host:path, not \"ftp://x/y\"")]
    [InlineData("spec.repoUri", "\"ssh://host/x.git\"", "with the user, as in git@host:team/app.git")]
    [InlineData("spec.repoUri", "\"ssh://git:hunter2@host/x.git\"", "must not hold credentials")]
    [InlineData("spec.repoUri", "\"git@-oProxyCommand=x:y\"", "names no valid host")]
    [InlineData("spec.repoUri", "\"https://host/x y\"", "without spaces")]
    [InlineData("spec.repoUri", "\"https://host/x?y\"", "must not have a query")]
    [InlineData("spec.repoUri", "\"https://me:hunter2@host/x\"", "must not hold credentials")]
    [InlineData("spec.repoURI", "\"x\"", "did you mean repoUri?")]
    [InlineData("spec.tlsConfig.noVerifySsl", "\"yes\"", "must be true or false, without quotes, not \"yes\"")]
    [InlineData("spec.tlsConfig.caCert.secretRef", "null", "is required")]
    [InlineData("spec.tlsConfig.caCert.key", "\"a:b\"", "is no valid key of a secret")]
    [InlineData("spec.authConfig.type", "null", "is required: basic or token")]
    [InlineData("spec.authConfig.type", "\"tokn\"", "did you mean token?")]
    [InlineData("spec.authConfig.type", "\"ssh\"", "ssh is for addresses of ssh")]
    [InlineData("spec.authConfig.secretRef", "null", "is required")]
    [InlineData("spec.authConfig.secretRef.name", "\"\"", "is no valid name")]
    [InlineData("spec.authConfig.secretRef.namespace", "\"other\"", "a GitRepo may only use secrets of its own namespace team, not of other")]
    [InlineData("spec.authConfig.keys.username", "1", "put it in quotes")]
    [InlineData("spec.authConfig.keys.user", "\"x\"", "the fields are username, password, token, privateKey")]
    [InlineData("spec.webhook.manage", "\"yes\"", "must be true or false")]
    [InlineData("spec.webhook.secretRef", "{\"key\": \"k\"}", "is required", "spec.webhook.secretRef.name")]
    [InlineData("spec.webhook.secretRef", "{\"name\": \"n\"}", "is required", "spec.webhook.secretRef.key")]
    [InlineData("spec.webhook.secretRef", "{\"name\": \"n\", \"key\": \"k\", \"namespace\": \"other\"}", "own namespace team, not of other", "spec.webhook.secretRef.namespace")]
    public void Of_a_repository(string path, string value, string message, string? at = null) => Check(Given.Repo, path, value, message, at);

    [Theory]
    [InlineData("spec.authConfig", "null", "is required for an address of ssh: type ssh")]
    [InlineData("spec.authConfig.type", "\"basic\"", "must be ssh for an address of ssh, not basic")]
    [InlineData("spec.authConfig.type", "\"shh\"", "must be basic or token or ssh, not \"shh\"; did you mean ssh?")]
    [InlineData("spec.authConfig.keys.privateKey", "\"a:b\"", "is no valid key of a secret")]
    [InlineData("spec.tlsConfig", "{\"noVerifySsl\": true}", "has no meaning for an address of ssh", "spec.tlsConfig.noVerifySsl")]
    [InlineData("spec.tlsConfig", "{\"caCert\": {\"secretRef\": {\"name\": \"ca\"}}}", "has no meaning for an address of ssh", "spec.tlsConfig.caCert")]
    [InlineData("spec.repoUri", "\"https://host/x\"", "ssh is for addresses of ssh", "spec.authConfig.type")]
    public void Of_a_repository_over_ssh(string path, string value, string message, string? at = null) => Check(Given.SshRepo, path, value, message, at);

    [Theory]
    [InlineData("spec.sources", "null", "is required")]
    [InlineData("spec.sources.kind", "\"Repo\"", "must be GitRepo or ClusterGitRepo, not \"Repo\"")]
    [InlineData("spec.sources.names", "null", "at least one name")]
    [InlineData("spec.sources.names", "[]", "at least one name")]
    [InlineData("spec.sources.names", "\"app\"", "must be a list of texts, not \"app\"")]
    [InlineData("spec.sources.names", "[1]", "put it in quotes", "spec.sources.names[0]")]
    [InlineData("spec.sources.names", "[\"a\", \"B\"]", "is no valid name", "spec.sources.names[1]")]
    [InlineData("spec.sources.names", "[\"a\", \"a\"]", "stands here twice")]
    [InlineData("spec.sources.names", "[null]", "must be text, and is empty", "spec.sources.names[0]")]
    [InlineData("spec.sources.watchOn", "true", "must be an object, not true")]
    [InlineData("spec.sources.watchOn.onChangeOnly", "1", "must be true or false")]
    [InlineData("spec.sources.watchOn.reference", "{}", "must have one of branch, tag and commit")]
    [InlineData("spec.sources.watchOn.reference", "{\"branch\": \"a\", \"tag\": \"b\"}", "not branch and tag together")]
    [InlineData("spec.sources.watchOn.reference", "{\"tag\": 1.0}", "1.0 is read as a number; put it in quotes", "spec.sources.watchOn.reference.tag")]
    [InlineData("spec.sources.watchOn.reference", "{\"tag\": true}", "true is read as a truth value; put it in quotes", "spec.sources.watchOn.reference.tag")]
    [InlineData("spec.sources.watchOn.reference", "{\"commit\": \"abc123\"}", "is no whole commit id", "spec.sources.watchOn.reference.commit")]
    [InlineData("spec.sources.watchOn.reference.branch", "\"a..b\"", "is no valid name of a branch")]
    [InlineData("spec.sources.watchOn.reference.branch", "\"refs/heads/x\"", "give the short one, as in \"branch: x\"")]
    [InlineData("spec.sources.watchOn.files", "\"*.md\"", "must be a list of texts")]
    [InlineData("spec.sources.watchOn.files", "[\"a\", \"\"]", "is empty", "spec.sources.watchOn.files[1]")]
    [InlineData("spec.sources.watchOn.files", "[\"a\", \"!\"]", "is no valid pattern", "spec.sources.watchOn.files[1]")]
    [InlineData("spec.sources.watchOn.files", "[\"!a\"]", "only patterns that begin with !")]
    [InlineData("spec.sources.watchOn.files", "[\"a\\u0000\"]", "NUL", "spec.sources.watchOn.files[0]")]
    [InlineData("spec.sources.watchOn.branch", "\"x\"", "the fields are onChangeOnly, reference, files")]
    [InlineData("spec.schedule", "null", "is required")]
    [InlineData("spec.schedule", "{}", "must have one of interval and cron")]
    [InlineData("spec.schedule", "{\"interval\": \"1m\", \"cron\": \"@daily\"}", "not interval and cron together")]
    [InlineData("spec.schedule.interval", "\"0s\"", "shorter than 1s")]
    [InlineData("spec.schedule.interval", "5", "put it in quotes")]
    [InlineData("spec.schedule.interval", "\"5\"", "a unit is missing")]
    [InlineData("spec.schedule.intervall", "\"1m\"", "did you mean interval?")]
    [InlineData("spec.schedule", "{\"cron\": \"61 * * * *\"}", "minute \"61\"", "spec.schedule.cron")]
    [InlineData("spec.schedule", "{\"cron\": \"0 0 30 2 *\"}", "can never fire again", "spec.schedule.cron")]
    [InlineData("spec.action", "null", "is required")]
    [InlineData("spec.action.kind", "null", "is required: Action or ClusterAction")]
    [InlineData("spec.action.name", "null", "is required")]
    [InlineData("spec.suspend", "\"true\"", "must be true or false, without quotes")]
    [InlineData("spec.onPush", "1", "must be true or false")]
    public void Of_a_trigger(string path, string value, string message, string? at = null) => Check(Given.Trigger, path, value, message, at);

    [Theory]
    [InlineData("spec.actionJob", "\"x\"", "must be an object")]
    [InlineData("spec.actionJob.command", "[1]", "put it in quotes", "spec.actionJob.command[0]")]
    [InlineData("spec.actionJob.command", "\"\"", "is empty")]
    [InlineData("spec.actionJob.args", "[true]", "put it in quotes", "spec.actionJob.args[0]")]
    [InlineData("spec.actionJob.actionImage", "\"a b\"", "is no valid reference of an image")]
    [InlineData("spec.actionJob.clonerImage", "\"\"", "is no valid reference of an image")]
    [InlineData("spec.actionJob.serviceAccount", "\"A\"", "is no valid name")]
    [InlineData("spec.actionJob.workdir", "\"work\"", "is no valid directory")]
    [InlineData("spec.actionJob.workdir", "\"/a/../b\"", "is no valid directory")]
    [InlineData("spec.actionJob.enableClonerDebug", "0", "must be true or false")]
    [InlineData("spec.actionJob.preserveGitFolder", "\"\"", "must be true or false")]
    [InlineData("spec.actionJob.activeDeadlineSeconds", "0", "must be a whole number, at least 1")]
    [InlineData("spec.actionJob.activeDeadlineSeconds", "\"60\"", "without quotes, not \"60\"")]
    [InlineData("spec.actionJob.jobWaitingTimeoutSeconds", "0", "at least 1")]
    [InlineData("spec.actionJob.jobWaitingTimeoutSeconds", "1.5", "must be a whole number")]
    [InlineData("spec.actionJob.ttlSecondsAfterFinished", "-1", "at least 0")]
    [InlineData("spec.actionJob.ttlSecondsAfterFinished", "99999999999", "must be a whole number")]
    [InlineData("spec.actionJob.labels", "{\"pushcart.dev/run\": \"1\"}", "one of Pushcart's own labels", "spec.actionJob.labels[\"pushcart.dev/run\"]")]
    [InlineData("spec.actionJob.labels", "{\"a\": \"b c\"}", "is no valid value of a label", "spec.actionJob.labels.a")]
    [InlineData("spec.actionJob.labels", "{\"-a\": \"b\"}", "is no valid key", "spec.actionJob.labels.-a")]
    [InlineData("spec.actionJob.annotations", "{\"a/b/c\": \"b\"}", "is no valid key", "spec.actionJob.annotations[\"a/b/c\"]")]
    [InlineData("spec.actionJob.affinity", "[]", "must be an object, not a list")]
    [InlineData("spec.actionJob.nodeSelector", "{\"a\": true}", "put it in quotes", "spec.actionJob.nodeSelector.a")]
    [InlineData("spec.actionJob.tolerations", "[1]", "must be a list of objects")]
    [InlineData("spec.actionJob.retries", "101", "from 0 to 100")]
    [InlineData("spec.actionJob.onLost", "\"rety\"", "did you mean retry?")]
    [InlineData("spec.actionJob.concurrency.limit", "0", "from 1 to 100")]
    [InlineData("spec.actionJob.concurrency.group", "\"a/b\"", "is no valid name of a group")]
    [InlineData("spec.actionJob.concurrency.group", "null", "is required where there is a limit")]
    [InlineData("spec.actionJob.clone.depth", "-1", "at least 0")]
    [InlineData("spec.actionJob.clone.lfs", "true", "is not supported by this version of Pushcart yet")]
    [InlineData("spec.actionJob.worker", "\"w\"", "must be an object")]
    [InlineData("spec.actionJob.worker", "{}", "is required where there are no labels", "spec.actionJob.worker.name")]
    [InlineData("spec.actionJob.worker.name", "\"North/1\"", "is no valid name")]
    [InlineData("spec.actionJob.worker.labels", "[\"gpu\"]", "must be an object")]
    [InlineData("spec.actionJob.worker.labels", "{\"a\": \"b c\"}", "is no valid value of a label", "spec.actionJob.worker.labels.a")]
    [InlineData("spec.actionJob.podTemplate", "\"x\"", "must be an object")]
    [InlineData("spec.actionJob.image", "\"x\"", "is no field here")]
    [InlineData("spec.sourceOverride.kind", "null", "is required")]
    [InlineData("spec.sourceOverride.name", "null", "is required")]
    [InlineData("spec.sourceOverride.reference", "null", "is required")]
    [InlineData("spec.sourceOverride.reference.tag", "null", "must have one of branch, tag and commit", "spec.sourceOverride.reference")]
    public void Of_an_action(string path, string value, string message, string? at = null) => Check(Given.Action, path, value, message, at);

    [Theory]
    [InlineData("spec.webhook.multiSource", "1", "must be true or false")]
    [InlineData("spec.webhook.authConfig.secretRef", "null", "is required")]
    [InlineData("spec.webhook.authConfig.secretRef.namespace", "\"team\"", "is no field here")]
    [InlineData("spec.webhook.authConfig.key", "null", "is required")]
    [InlineData("spec.webhook.authConfig.header", "\"a b\"", "is no valid name of a header")]
    [InlineData("spec.sources.names", "[]", "at least one name")]
    [InlineData("spec.schedule", "{\"interval\": \"1m\"}", "is no field here")]
    public void Of_a_webhook_trigger(string path, string value, string message, string? at = null) => Check(Given.Webhook, path, value, message, at);

    [Theory]
    [InlineData("metadata.name", "\"other\"", "an installation has one resource of settings")]
    [InlineData("metadata.namespace", "\"team\"", "a Settings belongs to no namespace")]
    [InlineData("spec", "null", "is required")]
    [InlineData("spec.maxRunningJobs", "0", "from 1 to 1000")]
    [InlineData("spec.maxRunningJobs", "1001", "from 1 to 1000")]
    [InlineData("spec.actionImage", "\"\"", "is no valid reference of an image")]
    [InlineData("spec.clonerImage", "\"a b\"", "is no valid reference of an image")]
    [InlineData("spec.serviceAccount", "\"A\"", "is no valid name")]
    [InlineData("spec.workdir", "\"/\"", "is no valid directory")]
    [InlineData("spec.variablesPrefix", "\"1_\"", "is no valid prefix")]
    [InlineData("spec.activeDeadlineSeconds", "0", "at least 1")]
    [InlineData("spec.jobWaitingTimeoutSeconds", "\"1h\"", "without quotes, not \"1h\"")]
    [InlineData("spec.ttlSecondsAfterFinished", "-1", "at least 0")]
    [InlineData("spec.pendingLimitSeconds", "0", "at least 1")]
    [InlineData("spec.podSecurityContext", "1", "must be an object")]
    [InlineData("spec.securityContext", "[]", "must be an object")]
    [InlineData("spec.resources", "\"big\"", "must be an object")]
    [InlineData("spec.triggerAuthHeader", "\"a:b\"", "is no valid name of a header")]
    [InlineData("spec.maxRuningJobs", "3", "did you mean maxRunningJobs?")]
    public void Of_settings(string path, string value, string message, string? at = null) => Check(Given.Settings, path, value, message, at);

    [Fact]
    public void Credentials_in_an_address_are_not_shown()
    {
        foreach (var uri in new[] { "https://me:hunter2@host/x", "htps://me:hunter2@host/x", "https://me:hunter2@host:port/x", "me:hunter2@host/x" })
        {
            var error = Given.Error($$"""{"apiVersion": "pushcart.dev/v1", "kind": "GitRepo", "metadata": {"name": "a"}, "spec": {"repoUri": "{{uri}}"} }""");
            Assert.Equal("spec.repoUri", error.Path);
            Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
        }
    }

    private static void Check(string manifest, string path, string value, string message, string? at)
    {
        var root = JsonNode.Parse(Json(manifest))!;
        var names = path.Split('.');
        var parent = names[..^1].Aggregate(root, (node, name) => node[name] ??= new JsonObject());
        parent[names[^1]] = JsonNode.Parse(value);

        var set = ManifestReader.Read(root.ToJsonString(), "app.json", Given.Now);
        var error = Assert.Single(set.Errors);
        Assert.Equal(at ?? path, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal((1, "app.json"), (error.Document, error.File));
        Assert.Empty(set.Manifests);
    }

    /// <summary>The fixture as JSON, so that one value can be replaced by its path.</summary>
    private static string Json(string yaml)
    {
        var manifest = Given.One(yaml);
        return string.Create(CultureInfo.InvariantCulture, $$"""
            {"apiVersion": "pushcart.dev/v1", "kind": "{{manifest.Name.Kind}}", "metadata": {"name": "{{manifest.Name.Name}}"{{(manifest.Name.Namespace is null ? "" : ", \"namespace\": \"team\"")}}}, "spec": {{manifest.Json}}}
            """);
    }
}
