using Pushcart.Jobs.Live;
using Pushcart.Storage;
using Pushcart.Triggers.Checks;

namespace Pushcart.Inspection;

/// <summary>Shows dead letters, sends them again, deletes them.</summary>
public sealed class DeadLetterSteering(DeadLetters dead, StorageClients storage)
{
    /// <summary>Letters in one page, where its caller does not say.</summary>
    public const int PageSize = 50;

    /// <summary>Letters in one page at most.</summary>
    public const int MostOfPage = 100;

    /// <summary>A page of them, newest first; of what is no JSON it shows the beginning.</summary>
    /// <param name="from">What the page before answered, or null.</param>
    /// <param name="limit">How many at most, as the caller wrote it; null or empty: <see cref="PageSize"/>.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Answer<DeadLetterPage>> PageAsync(string? from, string? limit, CancellationToken cancellation)
    {
        if (QueryNumber.Read("limit", limit, 1, MostOfPage, PageSize, out var most) is { } refusal)
        {
            return refusal;
        }

        string? after = null;
        if (!string.IsNullOrEmpty(from) && !PageToken.TryDecode(from, TableNames.Dead, out after))
        {
            return new Refusal(RefusalCodes.DeadNextInvalid, "'next' is not what a page of this list answered; leave it out to begin anew");
        }

        var (letters, more) = await dead.PageAsync(after, most, cancellation).ConfigureAwait(false);
        return new DeadLetterPage([.. letters.Select(letter => ViewOf(letter, MessageContent.ShortText))], more ? PageToken.Encode(letters[^1].Id, TableNames.Dead) : null);
    }

    /// <summary>One, whole.</summary>
    public async Task<Answer<DeadLetterView>> FindAsync(string id, CancellationToken cancellation) =>
        await dead.FindAsync(id, cancellation).ConfigureAwait(false) is { } letter ? ViewOf(letter, int.MaxValue) : NotFound(id);

    /// <summary>
    /// Sends one to its queue again, and then deletes it. In this order: who dies between the two leaves a letter that is sent twice, which does no harm, for messages are hints; the other
    /// order would lose the text. It is deleted, so that the list shows what is dead now: one that fails again comes back as a new letter, with its reason of that time.
    /// </summary>
    public async Task<Answer<SentAgain>> SendAsync(string id, CancellationToken cancellation)
    {
        if (await dead.FindAsync(id, cancellation).ConfigureAwait(false) is not { } letter)
        {
            return NotFound(id);
        }

        await storage.Queue(letter.Queue).SendAsync(letter.Text, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        await dead.DeleteAsync(letter, cancellation).ConfigureAwait(false);
        return new SentAgain(letter.Id, letter.Queue, IsReadable(letter)
            ? "sent; what it asks for is done if its row still asks for it"
            : "sent, but this version cannot read it: after its tries it comes back as a new dead letter");
    }

    /// <summary>Deletes one; the answer is what it was.</summary>
    public async Task<Answer<DeadLetterView>> DeleteAsync(string id, CancellationToken cancellation)
    {
        if (await dead.FindAsync(id, cancellation).ConfigureAwait(false) is not { } letter)
        {
            return NotFound(id);
        }

        await dead.DeleteAsync(letter, cancellation).ConfigureAwait(false);
        return ViewOf(letter, MessageContent.ShortText);
    }

    private static DeadLetterView ViewOf(DeadLetter letter, int most)
    {
        var (body, text, cut) = MessageContent.Of(letter.Text, most);
        var readable = IsReadable(letter);
        return new()
        {
            Id = letter.Id,
            Queue = letter.Queue,
            At = Rfc3339.Text(letter.At),
            Reason = letter.Reason,
            Body = body,
            Text = text,
            Cut = cut,
            Readable = readable,
            Advice = readable
                ? $"this version can read it: send it again (pushcart dead send {letter.Id})"
                : $"Pushcart's own messages can be read, so something else sent this: find out what, and delete it (pushcart dead delete {letter.Id}); nothing is lost, rows hold what is owed",
        };
    }

    // By the code that reads messages, whatever was true when it was kept.
    private static bool IsReadable(DeadLetter letter)
    {
        try
        {
            _ = letter.Queue == QueueNames.Jobs ? JobMessage.Read(letter.Text).Version : CheckMessage.Read(letter.Text).V;
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static Refusal NotFound(string id) =>
        new(RefusalCodes.DeadLetterNotFound, $"there is no dead letter {Wording.Quote(id)}; it was sent again or deleted, or is past the {DeadLetters.Kept.TotalDays:0} days that they are kept");
}
