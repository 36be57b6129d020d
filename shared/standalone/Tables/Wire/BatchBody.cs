using System.Security.Cryptography;
using System.Text;
using Azure.Core;

namespace Azure.Data.Tables.Wire;

/// <summary>
/// A transaction as it is sent: OData's batch, <c>multipart/mixed</c> in <c>multipart/mixed</c>, of one change set.
/// https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
/// </summary>
internal static class BatchBody
{
    internal static (string ContentType, byte[] Body) Write(Uri endpoint, IReadOnlyList<EntityRequest> changes)
    {
        var (batch, changeset) = ($"batch_{Boundary()}", $"changeset_{Boundary()}");
        using var body = new MemoryStream();
        Line($"--{batch}");
        Line($"Content-Type: multipart/mixed; boundary={changeset}");
        Line();
        foreach (var change in changes)
        {
            Line($"--{changeset}");
            Line("Content-Type: application/http");
            Line("Content-Transfer-Encoding: binary");
            Line();
            Line($"{change.Method} {Address(endpoint, change.Path)} HTTP/1.1");
            foreach (var (name, value) in change.Headers())
            {
                Line($"{name}: {value}");
            }

            Line();
            body.Write(change.Body);
            Line();
        }

        Line($"--{changeset}--");
        Line($"--{batch}--");
        return ($"multipart/mixed; boundary={batch}", body.ToArray());

        void Line(string text = "") => body.Write(Encoding.UTF8.GetBytes(text + "\r\n"));
    }

    private static string Address(Uri endpoint, string path)
    {
        var uri = new RequestUriBuilder();
        uri.Reset(endpoint);
        uri.AppendPath("/" + path, escape: false);
        return uri.ToUri().AbsoluteUri;
    }

    private static Guid Boundary() => new(RandomNumberGenerator.GetBytes(16));
}
