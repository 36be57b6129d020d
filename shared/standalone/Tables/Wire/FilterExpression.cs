using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.Serialization;

namespace Azure.Data.Tables.Wire;

/// <summary>A comparison in C# as a filter: properties of the entity against values, joined by <c>&amp;&amp;</c>, <c>||</c> and <c>!</c>.</summary>
internal static class FilterExpression
{
    internal static string? Format<T>(Expression<Func<T, bool>> filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return filter.Body is ConstantExpression { Value: true } ? null : Text(filter.Body, filter.Parameters[0]);
    }

    private static string Text(Expression expression, ParameterExpression entity) => expression switch
    {
        BinaryExpression { NodeType: ExpressionType.AndAlso or ExpressionType.OrElse } logic =>
            $"({Text(logic.Left, entity)}) {(logic.NodeType == ExpressionType.AndAlso ? "and" : "or")} ({Text(logic.Right, entity)})",
        UnaryExpression { NodeType: ExpressionType.Not } not => $"not ({Text(not.Operand, entity)})",
        BinaryExpression { Left: MethodCallExpression { Method.Name: nameof(string.Compare) or nameof(string.CompareOrdinal), Arguments.Count: 2 } call } order
            when call.Method.DeclaringType == typeof(string) && Operator(order) is { } name =>
            $"{Operand(call.Arguments[0], entity)} {name} {Operand(call.Arguments[1], entity)}",
        BinaryExpression comparison when Operator(comparison) is { } name => $"{Operand(comparison.Left, entity)} {name} {Operand(comparison.Right, entity)}",
        MemberExpression { Expression: ParameterExpression } truth => $"{Operand(truth, entity)} eq true",
        _ => throw new NotSupportedException($"A filter cannot hold '{expression}'. Compare properties with values, or give the filter as text."),
    };

    private static string? Operator(BinaryExpression comparison) => comparison.NodeType switch
    {
        ExpressionType.Equal => "eq",
        ExpressionType.NotEqual => "ne",
        ExpressionType.GreaterThan => "gt",
        ExpressionType.GreaterThanOrEqual => "ge",
        ExpressionType.LessThan => "lt",
        ExpressionType.LessThanOrEqual => "le",
        _ => null,
    };

    private static string Operand(Expression expression, ParameterExpression entity)
    {
        while (expression is UnaryExpression { NodeType: ExpressionType.Convert } convert)
        {
            expression = convert.Operand;
        }

        return expression is MemberExpression { Expression: var owner, Member: var member } && owner == entity
            ? member.GetCustomAttribute<DataMemberAttribute>()?.Name ?? member.Name
            : ODataFilter.Literal(Expression.Lambda<Func<object?>>(Expression.Convert(expression, typeof(object))).Compile(preferInterpretation: true)());
    }
}
