using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Tests.Unit.Storage;
using Pushcart.Tokens;

namespace Pushcart.Tests.Unit.Tokens;

/// <summary>Tokens on storage in memory, as one or more instances see them.</summary>
internal sealed class GivenTokens : IAsyncDisposable
{
    public ManualTime Time { get; } = new();

    public MemoryStorage Storage { get; private set; } = null!;

    public Table Table => Storage.Clients.Table(TableNames.Tokens);

    public List<string> Log { get; } = [];

    public static async Task<GivenTokens> StartAsync()
    {
        var given = new GivenTokens();
        given.Storage = new(given.Time);
        await given.Storage.Clients.CreateAsync(default);
        return given;
    }

    public Instance NewInstance(string firstAdmin = "") => new(this, firstAdmin);

    public ValueTask DisposeAsync()
    {
        Storage.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>One process.</summary>
    internal sealed class Instance
    {
        public Instance(GivenTokens given, string firstAdmin)
        {
            Cache = new(given.Time);
            Store = new(given.Table, Cache, Chance.System, given.Time);
            Verification = new(given.Table, new(given.Storage.Clients.Table(TableNames.Workers), Cache, given.Time), Cache, given.Time, NullLogger<TokenVerification>.Instance);
            First = new(given.Table, Store, Cache, new() { FirstAdmin = firstAdmin }, new Audit(new Lines(given.Log)), Chance.System, NullLogger<FirstAdmin>.Instance);
            Expiring = new(Store, given.Time, new Logger<ExpiringTokens>(new Lines(given.Log)));
        }

        public TokenCache Cache { get; }

        public TokenStore Store { get; }

        public TokenVerification Verification { get; }

        public FirstAdmin First { get; }

        public ExpiringTokens Expiring { get; }

        public async Task<(string Id, string Value)> MakeAsync(TokenRequest? request = null)
        {
            var made = (await Store.CreateAsync(request ?? new() { Description = "x" }, "a test", default)).Value!;
            return (made.Token.Id, made.Value);
        }

        public async Task<bool> AdmitsAsync(string value) => await Verification.VerifyAsync(value, default) is not null;
    }

    private sealed class Lines(List<string> lines) : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose() => GC.SuppressFinalize(this);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
