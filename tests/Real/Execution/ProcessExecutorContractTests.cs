using Pushcart.Execution;
using Pushcart.Git;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Execution;

/// <summary>The process executor does what every executor does.</summary>
public sealed class ProcessExecutorContractTests : ExecutorContract, IDisposable
{
    private readonly ProcessPlace _place = new();

    protected override string Installation => ProcessPlace.Installation;

    protected override GitEndpoint Repository => _place.Endpoint;

    protected override string Commit(string path, string content) => _place.Repository.Commit(path, content);

    protected override Task<IExecutor> NewAsync() => Task.FromResult<IExecutor>(_place.NewExecutor());

    protected override async Task LetGoAsync(RunSpec spec)
    {
        var work = Path.Combine(_place.DirectoryOf(spec.Key), "work");
        await UntilAsync(() => Task.FromResult(Directory.Exists(work)), () => $"{work} is not there");
        await File.WriteAllTextAsync(Path.Combine(work, "go"), "");
    }

    public void Dispose() => _place.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
