using Pushcart.Tokens;

namespace Pushcart.Workers.Working.Membership;

/// <summary>Where a token comes from: a file, read whenever it is asked for, so that a new one is used at once; or a value that never changes.</summary>
/// <param name="file">The file; null: the value.</param>
/// <param name="value">The value; null: the file.</param>
public sealed class TokenSource(string? file, string? value)
{
    private const int MostCharacters = 4096;

    /// <summary>The file; null: a value.</summary>
    public string? File => file;

    /// <summary>The token; or why there is none, for a person. Never what a file holds.</summary>
    /// <param name="form">How it must begin: one of <see cref="TokenValue"/>'s words.</param>
    public (string? Token, string? Error) Read(string form)
    {
        if (file is null)
        {
            return HasForm(value, form) ? (value, null) : (null, $"the token that was given is none of the form {form}…");
        }

        try
        {
            using var reader = new StreamReader(file);
            var text = new char[MostCharacters];
            var read = new string(text, 0, reader.ReadBlock(text)).Trim();
            return HasForm(read, form) ? (read, null) : (null, $"{file} holds no token of the form {form}…");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, $"{file} is not there");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"{file} cannot be read: {e.Message}");
        }
    }

    private static bool HasForm(string? text, string form) => TokenValue.HasForm(text) && text!.StartsWith(form, StringComparison.Ordinal);
}
