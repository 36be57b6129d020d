using Pushcart.Tests.Unit.Layout.Below;

#pragma warning disable CA1812, CA1822, CA1823, CS0169, IDE0044, IDE0051, IDE0052 // These types are only looked at.
namespace Pushcart.Tests.Unit.Layout.Above
{
    internal sealed class InBody
    {
        public string Name() => Tool.Name();
    }

    internal sealed class InAsyncBody
    {
        public async Task<string> NameAsync()
        {
            await Task.Yield();
            return Tool.Name();
        }
    }

    internal sealed class InLambda
    {
        public Func<string> Name() => () => new Thing().ToString()!;
    }

    internal sealed class InField
    {
        private readonly Dictionary<string, List<Thing[]>>? _things;
    }

    internal sealed class InSignature
    {
        public void Take(Thing? thing) => GC.KeepAlive(thing);
    }

    internal sealed class InGeneric
    {
        public int Count() => Array.Empty<Thing>().Length;
    }

    internal sealed class InConstraint<T>
        where T : Thing;

    internal sealed class InBase : Thing;

    [Mark]
    internal sealed class InAttribute;

    internal sealed class InCatch
    {
        public bool Try(Action action)
        {
            try
            {
                action();
                return true;
            }
            catch (Trouble)
            {
                return false;
            }
        }
    }

    internal sealed class Nowhere
    {
        public string Name() => nameof(Thing);
    }
}

namespace Pushcart.Tests.Unit.Layout.Below
{
    internal class Thing;

    internal static class Tool
    {
        public static string Name() => "tool";
    }

    [AttributeUsage(AttributeTargets.Class)]
    internal sealed class MarkAttribute : Attribute;

    internal sealed class Trouble : Exception;
}
