using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests.Fields;

/// <summary>The spec of <c>WebhookTrigger</c>, read and written.</summary>
internal static class WebhookTriggerFields
{
    public static WebhookTriggerSpec Read(FieldReader reader)
    {
        var sources = TriggerFields.Sources(reader);
        var (multiSource, auth) = Webhook(reader.Object("webhook"));
        var spec = new WebhookTriggerSpec
        {
            Sources = sources,
            MultiSource = multiSource,
            Auth = auth,
            Action = TriggerFields.Action(reader),
            Suspend = reader.Flag("suspend", false),
        };
        reader.Close();
        return spec;
    }

    public static JsonObject Write(WebhookTriggerSpec spec) => new JsonObject()
        .With("sources", TriggerFields.Write(spec.Sources))
        .With("webhook", new JsonObject()
            .With("multiSource", spec.MultiSource)
            .With("authConfig", spec.Auth is not { } auth ? null : new JsonObject()
                .With("secretRef", new JsonObject().With("name", auth.Secret.Name))
                .With("key", auth.Secret.Key)
                .With("header", auth.Header)))
        .With("action", TriggerFields.Write(spec.Action))
        .With("suspend", spec.Suspend);

    private static (bool MultiSource, WebhookAuthSpec? Auth) Webhook(FieldReader? reader)
    {
        if (reader is null)
        {
            return (false, null);
        }

        var read = (reader.Flag("multiSource", false), Auth(reader.Object("authConfig")));
        reader.Close();
        return read;
    }

    private static WebhookAuthSpec? Auth(FieldReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        var secret = reader.RequiredObject("secretRef");
        var name = secret?.RequiredText("name", NameRules.Subdomain) ?? "";
        secret?.Close();
        var auth = new WebhookAuthSpec(new(null, name, reader.RequiredText("key", NameRules.SecretKey)), reader.Text("header", NameRules.Header));
        reader.Close();
        return auth;
    }
}
