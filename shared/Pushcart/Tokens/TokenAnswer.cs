namespace Pushcart.Tokens;

/// <summary>How a change of a token was answered.</summary>
public abstract record TokenAnswer
{
    private TokenAnswer()
    {
    }

    /// <summary>There is a new value: of a new token, or of one that was rotated.</summary>
    /// <param name="Token">The token.</param>
    /// <param name="Value">The value, shown this once.</param>
    public sealed record Made(Token Token, string Value) : TokenAnswer
    {
        /// <summary>Never shows the value.</summary>
        public override string ToString() => $"{nameof(Made)} {Token.Id}";
    }

    /// <summary>It is gone.</summary>
    public sealed record Deleted : TokenAnswer;

    /// <summary>There is no such token.</summary>
    public sealed record NoToken : TokenAnswer;

    /// <summary>Nothing was written.</summary>
    /// <param name="Code">Code of the error.</param>
    /// <param name="Message">What is wrong, and what would be right.</param>
    public sealed record Refused(string Code, string Message) : TokenAnswer;
}
