namespace Pushcart.Deployment;

/// <summary>What keeps a hook from its work, said so that whoever deploys knows the next step. It is shown without a stack trace.</summary>
public sealed class HookException : Exception
{
    /// <summary>A fault.</summary>
    /// <param name="message">The thing, what is wrong with it, and the next step.</param>
    public HookException(string message) : base(message)
    {
    }
}
