using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pushcart.Cli.Servers;

/// <summary>A server that is known by a name, and how it is reached.</summary>
/// <param name="Name">The name.</param>
/// <param name="Server">Where it listens.</param>
internal sealed record ServerContext(string Name, Uri Server)
{
    /// <summary>The token that is shown to it; null: none.</summary>
    public string? Token { get; init; }

    /// <summary>File with the certificates of the authorities that it is trusted by; null: the machine's.</summary>
    public string? CaFile { get; init; }

    /// <summary>File with the certificate that is shown to it; null: none.</summary>
    public string? ClientCert { get; init; }

    /// <summary>File with the key of that certificate; null: the same.</summary>
    public string? ClientKey { get; init; }

    /// <summary>Never shows the token.</summary>
    public override string ToString() => $"{Name} ({Server})";
}

/// <summary>The contexts of a user, in a file that only this user may read (mode 0600), for it holds tokens.</summary>
/// <param name="Path">The file.</param>
/// <param name="Current">Name of the one that is used where none is named; null: none.</param>
/// <param name="All">All of them.</param>
internal sealed record Contexts(string Path, string? Current, IReadOnlyList<ServerContext> All)
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>The variable that names the folder of the file.</summary>
    public const string FolderVariable = "PUSHCART_CONFIG_DIR";

    /// <summary>True where others than the user may read the file.</summary>
    public bool IsOpenToOthers =>
        !OperatingSystem.IsWindows() && File.Exists(Path) && (File.GetUnixFileMode(Path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)) != 0;

    /// <summary>The file of the user that runs this.</summary>
    public static string OwnPath() => System.IO.Path.Combine(
        Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder
            ? folder
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "pushcart"),
        "contexts.json");

    /// <summary>Reads a file; one that is not there has no contexts.</summary>
    /// <exception cref="CommandException">It cannot be read, or is none.</exception>
    public static Contexts Read(string path)
    {
        if (!File.Exists(path))
        {
            return new(path, null, []);
        }

        try
        {
            var json = JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new FormatException();
            var all = (json["contexts"] as JsonObject ?? []).Select(pair => Read(pair.Key, pair.Value as JsonObject ?? throw new FormatException()));
            return new(path, (string?)json["current"], [.. all]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException)
        {
            // Not the message of a fault of JSON: it may quote what stands there.
            throw new CommandException(ExitCode.Failed, $"{path} cannot be read{(e is IOException or UnauthorizedAccessException ? $": {e.Message}" : ", or is not what 'pushcart login' has written; delete it, and log in again")}");
        }
    }

    // One without an address is not left out in silence: the next login would write the file without it.
    private static ServerContext Read(string name, JsonObject fields) => new(name, ServerAccess.AddressOf((string?)fields["server"] ?? "") ?? throw new FormatException())
    {
        Token = (string?)fields["token"],
        CaFile = (string?)fields["caFile"],
        ClientCert = (string?)fields["clientCert"],
        ClientKey = (string?)fields["clientKey"],
    };

    /// <summary>The context of that name, or null.</summary>
    public ServerContext? Find(string? name) => All.FirstOrDefault(c => c.Name == name);

    /// <summary>Writes the file, whole at once.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public void Write(Chance chance)
    {
        var contexts = new JsonObject();
        foreach (var context in All)
        {
            contexts[context.Name] = new JsonObject
            {
                ["server"] = context.Server.ToString(),
                ["token"] = context.Token,
                ["caFile"] = context.CaFile,
                ["clientCert"] = context.ClientCert,
                ["clientKey"] = context.ClientKey,
            };
        }

        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        var temporary = System.IO.Path.Combine(folder, chance.NewId());
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var writer = new StreamWriter(temporary, options))
            {
                writer.WriteLine(new JsonObject { ["current"] = Current, ["contexts"] = contexts }.ToJsonString(s_indented));
            }

            File.Move(temporary, Path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new CommandException(ExitCode.Failed, $"{Path} cannot be written: {e.Message}");
        }
    }
}
