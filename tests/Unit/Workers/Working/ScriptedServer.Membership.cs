using System.Security.Cryptography;
using System.Text;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Unit.Workers.Working;

/// <summary>Its answers to who registers, rejoins and checks in.</summary>
internal sealed partial class ScriptedServer
{
    private HttpResponseMessage Register(RegisterRequest request, string token)
    {
        if (request.About.CheckInInterval >= TokenLife)
        {
            return Error(400, "workers.invalid", message: $"checkInInterval: {request.About.CheckInInterval} is not shorter than {TokenLife}");
        }

        if (!Registrations.Contains(token) || (_used.Contains(token) && _registered != (request.TokenHash, request.Instance)))
        {
            return Error(401, _used.Contains(token) ? "workers.token_used" : "auth.invalid_token");
        }

        _used.Add(token);
        (_registered, _publicKey) = ((request.TokenHash, request.Instance), request.PublicKey);
        _tokens[request.TokenHash] = time.GetUtcNow() + TokenLife;
        return Ok(new RegisterAnswer(TokenLife, request.About.CheckInInterval, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(20), "inst"));
    }

    private HttpResponseMessage Rejoin(RejoinRequest request)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(_publicKey!), out _);
        var text = Encoding.UTF8.GetBytes(RejoinText.Of(request.Worker, request.Instance, request.TokenHash, request.At));
        if (!Rejoins || !key.VerifyData(text, Convert.FromBase64String(request.Signature), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
        {
            return Error(401, "workers.rejoin_refused");
        }

        _tokens[request.TokenHash] = time.GetUtcNow() + TokenLife;
        return Ok(new RegisterAnswer(TokenLife, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(20), "inst"));
    }

    private HttpResponseMessage CheckIn(CheckInRequest request)
    {
        if (InUse)
        {
            return Error(409, "workers.in_use", ConflictReasons.InUse);
        }

        if (request.NextTokenHash is { } next)
        {
            _tokens[next] = time.GetUtcNow() + TokenLife;
        }

        return Ok(new CheckInAnswer(Drains, TokenLife, request.NextTokenHash is not null, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(20), "inst", [.. Verdicts]));
    }
}
