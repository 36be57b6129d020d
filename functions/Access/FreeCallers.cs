using Microsoft.AspNetCore.Http;
using Pushcart.Health;
using Pushcart.Webhooks;

namespace Pushcart.Functions.Access;

/// <summary>
/// Who may read metrics without a token: anybody, by <c>Metrics:Anonymous</c>, or a program of this machine. Under Azure Functions every request comes from the Functions host beside this process, so
/// there nobody counts as of this machine.
/// </summary>
/// <param name="settings">The setting.</param>
/// <param name="clients">Tells callers of this machine.</param>
/// <param name="seesConnections">True where connections are the callers' own: under the standalone host.</param>
internal sealed class FreeCallers(HealthSettings settings, ClientAddress clients, bool seesConnections)
{
    /// <summary>True where no token is asked for.</summary>
    public bool Has(HttpContext http) => settings.Anonymous
        || (seesConnections && clients.IsThisMachine(http.Connection.RemoteIpAddress, http.Request.Host.Host, ClientAddress.Forwarding.Any(http.Request.Headers.ContainsKey)));
}
