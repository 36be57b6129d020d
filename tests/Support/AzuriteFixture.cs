using Pushcart.Standalone.Azurite;
using Xunit;

namespace Pushcart.Tests.Support;

/// <summary>One Azurite on free ports and in a folder of its own, for the tests of a collection. Tests keep apart by prefixes of their own.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private readonly string _location = Directory.CreateTempSubdirectory("pushcart-azurite-").FullName;
    private AzuriteServer? _server;

    /// <summary>The connection string of its blob, queue and table services.</summary>
    public string ConnectionString => (_server ?? throw new InvalidOperationException("Azurite has not been started.")).ConnectionString;

    /// <inheritdoc/>
    public async Task InitializeAsync() =>
        _server = await AzuriteServer.StartAsync(AzuriteOptions.OnFreePorts(_location), _ => { }, TimeProvider.System, CancellationToken.None);

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(_location, recursive: true);
    }
}
