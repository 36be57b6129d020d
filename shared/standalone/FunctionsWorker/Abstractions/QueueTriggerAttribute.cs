using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Starts a function for each message of a queue.</summary>
/// <param name="queueName">Name of the queue; <c>%Name%</c> stands for a setting.</param>
public sealed class QueueTriggerAttribute(string queueName) : TriggerBindingAttribute
{
    /// <summary>Name of the queue; <c>%Name%</c> stands for a setting.</summary>
    public string QueueName => queueName;

    /// <summary>Name of the setting that holds the connection string; null: <c>AzureWebJobsStorage</c>.</summary>
    public string? Connection { get; set; }
}
