using System.Net;
using System.Text;
using Azure.Core.Pipeline;
using Azure.Data.Tables;

namespace Pushcart.Tests.Unit.Tables;

/// <summary>A Table service that records what it is asked and answers what a test says, behind the real transport's types.</summary>
internal sealed class FakeService
{
    // "0123456789abcdef" in base64.
    internal const string Key = "MDEyMzQ1Njc4OWFiY2RlZg==";
    private readonly Func<int, HttpResponseMessage> answer;

    internal FakeService(Func<int, HttpResponseMessage>? answer = null, Action<TableClientOptions>? configure = null)
    {
        this.answer = answer ?? (_ => Answer(HttpStatusCode.NoContent));
        var options = new TableClientOptions { Transport = new HttpClientTransport(new HttpClient(new Handler(this))), Retry = { MaxRetries = 2, Delay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero } };
        configure?.Invoke(options);
        Service = new TableServiceClient(new Uri("https://acc.table.core.windows.net"), Credential, options);
        Table = Service.GetTableClient("jobs");
    }

    internal TableSharedKeyCredential Credential { get; } = new("acc", Key);

    internal TableServiceClient Service { get; }

    internal TableClient Table { get; }

    internal List<(HttpRequestMessage Message, string Body)> Requests { get; } = [];

    internal static HttpResponseMessage Answer(HttpStatusCode status, string body = "", string type = "application/json", params (string Name, string Value)[] headers)
    {
        var message = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8) };
        message.Content.Headers.Remove("Content-Type");
        message.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        foreach (var (name, value) in headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    internal static string Error(string code, string message) =>
        $$$$"""{"odata.error":{"code":"{{{{code}}}}","message":{"lang":"en-US","value":"{{{{message}}}}"}}}""";

    private sealed class Handler(FakeService service) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            service.Requests.Add((request, request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken)));
            return service.answer(service.Requests.Count);
        }
    }
}
