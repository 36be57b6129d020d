using System.Text.RegularExpressions;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Samples;

/// <summary>
/// Each sample does what it says, from its manifest to the end of its job; only the address of its repository is another. The one over ssh has no secret here, and holds up nothing:
/// ssh has tests of its own (<see cref="Git.SshTests"/>).
/// </summary>
[Collection("azurite")]
public sealed partial class SampleTests(AzuriteFixture azurite)
{
    private const string Token = "Bearer s3cret";

    public static TheoryData<string> Files => [.. Directory.GetFiles(Path.Combine(Root(), "samples"), "*.yaml").Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_sample_is_applied_and_its_job_succeeds(string file)
    {
        var isPrivate = file.StartsWith("private", StringComparison.Ordinal);
        await using var here = await InstallationOnAzurite.StartAsync(
            azurite, [("Secrets:default:git-token:token", Token)], new() { Authorization = isPrivate ? Token : null });
        var text = RepoUri().Replace(await File.ReadAllTextAsync(Path.Combine(Root(), "samples", file)), $"repoUri: {here.Uri}");
        var trigger = (TriggerSpec)here.Read(text)[^1].Spec;
        var commit = here.Repository.Commit(
            trigger.Sources.Reference.Name, TestFile.Text("README", "hello\n"), TestFile.Text("README.md", "Knife\n"), TestFile.Executable("test.sh", "#!/bin/sh\nexit 0\n"));

        await here.ApplyAsync(text);
        if (trigger is WebhookTriggerSpec webhook)
        {
            here.Process.Set($"Secrets:default:{webhook.Auth!.Secret.Name}:{webhook.Auth.Secret.Key}", Token);
            var answer = await here.Process.Get<Pushcart.Webhooks.TriggerHooks>().TakeAsync(
                "default", here.Read(text)[^1].Name.Name, trigger.Sources.Names[0], new() { Header = name => name == "x-trigger-auth" ? [Token] : [], Body = Stream.Null }, default);
            Assert.Equal(202, answer.Code);
        }

        await here.DeliverChecksAsync();
        var job = Assert.Single(await here.FinishAsync()).Job;

        Assert.Equal((JobOutcome.Succeeded, commit, null), (job.Outcome, job.Commit, job.Reason));
    }

    [GeneratedRegex("repoUri: https.*")]
    private static partial Regex RepoUri();

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
