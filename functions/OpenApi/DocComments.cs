using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Pushcart.Functions.OpenApi;

/// <summary>The comments of types and members, from the files that the compiler writes beside the assemblies; without a file, its types have no description.</summary>
internal sealed partial class DocComments
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <param name="assemblies">Names of the assemblies whose comments are read.</param>
    public DocComments(params IEnumerable<string> assemblies)
    {
        foreach (var file in assemblies.Select(name => Path.Combine(AppContext.BaseDirectory, name + ".xml")).Where(File.Exists))
        {
            foreach (var member in XDocument.Load(file).Descendants("member"))
            {
                // Without the parameters of a method: no two functions of a class share a name.
                var name = member.Attribute("name")!.Value.Split('(')[0];
                if (member.Element("summary") is { } summary)
                {
                    _texts.TryAdd(name, Text(summary));
                }
            }
        }
    }

    /// <summary>What is said of a type, method or property; null where nothing is.</summary>
    public string? Of(MemberInfo member) => _texts.GetValueOrDefault(member switch
    {
        Type type => "T:" + NameOf(type),
        MethodInfo method => $"M:{NameOf(method.DeclaringType!)}.{method.Name}",
        _ => $"P:{NameOf(member.DeclaringType!)}.{member.Name}",
    });

    /// <summary>The first sentence of a text.</summary>
    public static string FirstSentence(string text) => SentenceEnd().Split(text, 2)[0].TrimEnd('.');

    private static string NameOf(Type type) => type.FullName!.Replace('+', '.');

    private static string Text(XElement element) => Spaces().Replace(string.Concat(element.Nodes().Select(node => node switch
    {
        XElement { Name.LocalName: "see" } see => see.Attribute("cref")!.Value.Split('.')[^1].Split('`')[0],
        XElement inner => $"`{inner.Value}`",
        _ => node.ToString(SaveOptions.DisableFormatting).Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal),
    })), " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"(?<=[.])\s|[:;]\s")]
    private static partial Regex SentenceEnd();
}
