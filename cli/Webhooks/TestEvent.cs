using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Pushcart.Cli.Webhooks;

/// <summary>A push as a provider would tell it, cut down to what tells anything, and signed.</summary>
/// <param name="Body">The body, JSON.</param>
/// <param name="Headers">Its headers, the proof among them.</param>
internal sealed record TestEvent(byte[] Body, IReadOnlyList<(string Name, string Value)> Headers)
{
    /// <summary>The providers.</summary>
    public static IReadOnlyList<string> Providers { get; } = ["github", "gitlab", "gitea", "forgejo", "bitbucket", "azuredevops"];

    /// <summary>Makes one.</summary>
    /// <param name="provider">One of <see cref="Providers"/>.</param>
    /// <param name="repository">The repository's address.</param>
    /// <param name="reference">Full name of the reference.</param>
    /// <param name="commit">The commit that it is to have; null: the event names none, and what is there is checked.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="delivery">Id of the delivery.</param>
    public static TestEvent Of(string provider, string repository, string reference, string? commit, string secret, string delivery)
    {
        var isTag = reference.StartsWith("refs/tags/", StringComparison.Ordinal);
        var body = JsonSerializer.SerializeToUtf8Bytes<object>(provider switch
        {
            "gitlab" => new { object_kind = isTag ? "tag_push" : "push", @ref = reference, after = commit, project = new { git_http_url = repository } },
            "bitbucket" => new
            {
                repository = new { links = new { html = new { href = repository } } },
                push = new { changes = new[] { new { @new = new { type = isTag ? "tag" : "branch", name = reference.Split('/', 3)[2], target = new { hash = commit } } } } },
            },
            "azuredevops" => new { id = delivery, eventType = "git.push", resource = new { repository = new { remoteUrl = repository }, refUpdates = new[] { new { name = reference, newObjectId = commit } } } },
            _ => new { @ref = reference, after = commit, repository = new { clone_url = repository } },
        });
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
        return new(body, provider switch
        {
            "gitlab" => [("X-Gitlab-Event", isTag ? "Tag Push Hook" : "Push Hook"), ("Idempotency-Key", delivery), ("X-Gitlab-Token", secret)],
            "gitea" => [("X-Gitea-Event", "push"), ("X-Gitea-Delivery", delivery), ("X-Gitea-Signature", signature)],
            "forgejo" => [("X-Forgejo-Event", "push"), ("X-Forgejo-Delivery", delivery), ("X-Forgejo-Signature", signature)],
            "bitbucket" => [("X-Event-Key", "repo:push"), ("X-Request-UUID", delivery), ("X-Hub-Signature", "sha256=" + signature)],
            "azuredevops" => [("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("pushcart:" + secret)))],
            _ => [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", delivery), ("X-Hub-Signature-256", "sha256=" + signature)],
        });
    }

    /// <summary>Never shows the proof.</summary>
    public override string ToString() => nameof(TestEvent);
}
