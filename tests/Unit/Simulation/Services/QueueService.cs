using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Pushcart.Triggers.Checks;

namespace Pushcart.Tests.Unit.Simulation.Services;

/// <summary>A message of a queue.</summary>
internal sealed class QueuedMessage
{
    private (string Text, CheckMessage Message)? read;

    public required string Id { get; init; }

    public required string Text { get; set; }

    /// <summary>The message as the product reads one of checks. It is read once for each text, for the book-keeper looks at it again and again.</summary>
    /// <exception cref="InvalidDataException">It is no message of checks.</exception>
    public CheckMessage Checks
    {
        get
        {
            if (read?.Text != Text)
            {
                read = (Text, CheckMessage.Read(Text));
            }

            return read.Value.Message;
        }
    }

    public required DateTimeOffset Inserted { get; init; }

    public required DateTimeOffset Expires { get; init; }

    public DateTimeOffset Visible { get; set; }

    public int Dequeued { get; set; }

    public string Receipt { get; set; } = "";
}

/// <summary>A Queue service in memory, behind its REST protocol: messages are hidden when they are received, and whoever has lost the receipt has lost the message.</summary>
internal sealed class QueueService(Func<DateTimeOffset> now)
{
    private readonly Dictionary<string, List<QueuedMessage>> queues = [];
    private long receipts;

    /// <summary>Called when a message was sent, or is shown again.</summary>
    public Action<string, QueuedMessage>? Appears { get; set; }

    public IEnumerable<QueuedMessage> Messages(string queue) => queues.TryGetValue(queue, out var all) ? all.Where(m => m.Expires > now()) : [];

    public Reply Handle(Call call)
    {
        var path = call.Uri.AbsolutePath[1..].Split('/');
        if (path.Length == 1 && call.Method == "PUT")
        {
            return new(queues.TryAdd(path[0], []) ? 201 : 204, []);
        }

        if (!queues.TryGetValue(path[0], out var messages))
        {
            return Error(404, "QueueNotFound");
        }

        return (path.Length, call.Method) switch
        {
            (1, "GET") => new(200, [], null, ("x-ms-approximate-messages-count", messages.Count(m => m.Expires > now()).ToString(CultureInfo.InvariantCulture))),
            (2, "POST") => Answer(201, [Send(path[0], TextOf(call), Seconds(call, "visibilitytimeout") ?? TimeSpan.Zero, Seconds(call, "messagettl"))], false),
            (2, "GET") => Answer(200, Receive(path[0], (int)Number(call, "numofmessages", 1), Seconds(call, "visibilitytimeout") ?? TimeSpan.FromSeconds(30)), true),
            (3, "DELETE") => Delete(path[0], path[2], call.Query("popreceipt")!) ? new(204, []) : Missing(path),
            (3, "PUT") => Update(path[0], path[2], call.Query("popreceipt")!, call.Body.Length == 0 ? null : TextOf(call), Seconds(call, "visibilitytimeout")!.Value) is { } message
                ? new(204, [], null, ("x-ms-popreceipt", message.Receipt), ("x-ms-time-next-visible", message.Visible.ToString("r", CultureInfo.InvariantCulture)))
                : Missing(path),
            _ => Error(400, "UnsupportedHttpVerb"),
        };
    }

    public QueuedMessage Send(string queue, string text, TimeSpan delay, TimeSpan? timeToLive)
    {
        var message = new QueuedMessage
        {
            Id = new Guid((int)++receipts, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]).ToString(),
            Text = text,
            Inserted = now(),
            Expires = now() + (timeToLive ?? TimeSpan.FromDays(7)),
            Visible = now() + delay,
            Receipt = NewReceipt(),
        };
        queues[queue].Add(message);
        Appears?.Invoke(queue, message);
        return message;
    }

    /// <summary>Takes one message, if it can be seen: what a receive does that happens to find it.</summary>
    public bool Take(string queue, QueuedMessage message, TimeSpan hidden)
    {
        if (message.Visible > now() || message.Expires <= now() || !queues[queue].Contains(message))
        {
            return false;
        }

        message.Dequeued++;
        message.Visible = now() + hidden;
        message.Receipt = NewReceipt();
        Appears?.Invoke(queue, message);
        return true;
    }

    public bool Delete(string queue, string id, string receipt) => queues[queue].RemoveAll(m => m.Id == id && m.Receipt == receipt) > 0;

    public QueuedMessage? Update(string queue, string id, string receipt, string? text, TimeSpan hidden)
    {
        if (queues[queue].Find(m => m.Id == id && m.Receipt == receipt) is not { } message)
        {
            return null;
        }

        message.Text = text ?? message.Text;
        message.Visible = now() + hidden;
        message.Receipt = NewReceipt();
        Appears?.Invoke(queue, message);
        return message;
    }

    private List<QueuedMessage> Receive(string queue, int most, TimeSpan hidden) => [.. queues[queue].ToList().Where(m => Take(queue, m, hidden)).Take(most)];

    private string NewReceipt() => $"r{++receipts}";

    private Reply Missing(string[] path) => queues[path[0]].Exists(m => m.Id == path[2]) ? Error(400, "PopReceiptMismatch") : Error(404, "MessageNotFound");

    private static string TextOf(Call call) => XDocument.Parse(Encoding.UTF8.GetString(call.Body).TrimStart('\ufeff')).Root!.Element("MessageText")!.Value;

    private static double Number(Call call, string name, double otherwise) => call.Query(name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static TimeSpan? Seconds(Call call, string name) => call.Query(name) is { } text ? TimeSpan.FromSeconds(int.Parse(text, CultureInfo.InvariantCulture)) : null;

    private static Reply Error(int status, string code) =>
        new(status, Encoding.UTF8.GetBytes($"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>"), "application/xml", ("x-ms-error-code", code));

    private static Reply Answer(int status, IEnumerable<QueuedMessage> messages, bool whole)
    {
        static XElement Time(string name, DateTimeOffset time) => new(name, time.ToString("r", CultureInfo.InvariantCulture));
        var list = new XElement("QueueMessagesList", messages.Select(m => new XElement(
            "QueueMessage",
            new XElement("MessageId", m.Id),
            Time("InsertionTime", m.Inserted),
            Time("ExpirationTime", m.Expires),
            new XElement("PopReceipt", m.Receipt),
            Time("TimeNextVisible", m.Visible),
            whole ? new XElement("DequeueCount", m.Dequeued) : null,
            whole ? new XElement("MessageText", m.Text) : null)));
        return new(status, Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"utf-8\"?>" + list), "application/xml");
    }
}
