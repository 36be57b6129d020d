using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests.Syntax;

/// <summary>One document of a file, before anything is known of its kind.</summary>
/// <param name="Number">Counted from 1, empty ones too.</param>
/// <param name="Root">Its content, or null where it is empty or could not be read at all.</param>
/// <param name="Faults">What was wrong with the text itself.</param>
internal sealed record Document(int Number, JsonNode? Root, Faults Faults);
