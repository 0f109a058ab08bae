using System.Text;

namespace Templater.Language.Tests;

/// <summary>Makes templates that parse and do odd things: every operator and function on every kind of value, in every statement.</summary>
internal sealed class TemplateGenerator(RandomSource random)
{
    private const int MostStatements = 6;
    private const int DeepestExpression = 3;

    // Longer ones only repeat what is in them already, and take the time of many others.
    private const int LongEnough = 600;

    private const int DeepestBlock = 3;

    private static readonly string[] Atoms =
    [
        "t", "list", "map", "x", "y", "z", "f", "g", "$x", "$", "$0", "this", "empty", "null", "true", "false", "0", "1", "-1", "2", "7", "9223372036854775807", "99999999999999999999999", "0.5", "1.5m", "2.5f", "1e300",
        "''", "'a'", "'ab c'", "'%Y'", "'^(a|b)+$'", "'[1,{\"a\":2}]'", "'x + 1'", "'{{ x }}'", "`v`", "$'i{x}j'", "[]", "[1,2,3]", "['b','a']", "[[1],[2]]", "{}", "{a:1,b:'c'}", "1..5", "3..<1", "@f", "@string.upcase", "for.index",
        "(date.parse '2020-02-03')", "(timespan.from_hours 3)", "do; ret $0; end",
    ];

    private static readonly string[] Operators = [.. Enum.GetValues<BinaryOperator>().Select(SyntaxFacts.Text)];

    private static readonly string[] Targets = ["x", "y", "z", "$x", "x.a", "y[0]", "z['k']", "map.a"];

    private static readonly FunctionDefinition[] Functions = [.. Builtins.All];

    private readonly StringBuilder _out = new();

    public string Make()
    {
        _out.Clear().Append("{{ func f(a, b = 1); ret a; end; func g; $0; $.n; end; x = ").Append(random.Pick(Atoms)).Append("; y = [1,t]; z = {a:t}; ");
        Statements(0);
        return _out.Append("}}").ToString();
    }

    private void Statements(int depth)
    {
        for (var count = 1 + random.Next(MostStatements); count > 0 && _out.Length < LongEnough; count--)
            Statement(depth);
    }

    private void Statement(int depth)
    {
        switch (depth < DeepestBlock ? random.Next(14) : random.Next(4))
        {
            case 0 or 1:
                Line(Expression(0));
                break;
            case 2:
                Line($"{random.Pick(Targets)} {random.Pick(["=", "=", "+=", "*=", "??="])} {Expression(0)}");
                break;
            case 3:
                _out.Append("}}\n  text {{ ").Append(Expression(1)).Append(" }}{{~ ");
                break;
            case 4:
                Block($"if {Expression(1)}", depth, "else");
                break;
            case 5:
                Block($"for {random.Pick(["x", "$x", "i"])} in {Expression(1)}{random.Pick(["", " limit:2", " offset:1", " reversed"])}", depth, "else");
                break;
            case 6:
                Block($"while {Expression(1)}", depth, null);
                break;
            case 7:
                Block($"capture {random.Pick(["x", "$x", "z.a"])}", depth, null);
                break;
            case 8:
                Block($"with {random.Pick(["map", "z", "{a:1}", Expression(2)])}", depth, null);
                break;
            case 9:
                Block($"case {Expression(1)}; when {Expression(2)}, {Expression(2)}", depth, "else");
                break;
            case 10:
                Block($"func h{random.Pick(["", "(a)", "(a, b...)"])}", depth, null);
                Line($"h {Expression(2)}");
                break;
            case 11:
                Block($"wrap {random.Pick(["f", "g", "@f"])}", depth, null);
                break;
            case 12:
                Block($"tablerow x in {Expression(1)} cols:2", depth, null);
                break;
            default:
                Line(random.Pick(["import z", "readonly y", "ret " + Expression(2), "include 'a'", "include_join ['a','bb'] ','", "x++", "--x"]));
                break;
        }
    }

    private void Line(string text) => _out.Append(text).Append("; ");

    private void Block(string head, int depth, string? second)
    {
        Line(head);
        Statements(depth + 1);
        if (second is not null && random.Next(2) == 0)
        {
            Line(second);
            Statements(depth + 1);
        }
        Line("end");
    }

    private string Expression(int depth)
    {
        if (depth >= DeepestExpression)
            return random.Pick(Atoms);
        return random.Next(12) switch
        {
            0 or 1 or 2 => $"({Expression(depth + 1)} {random.Pick(Operators)} {Expression(depth + 1)})",
            3 => $"({random.Pick(["!", "-", "+", "@"])}{Expression(depth + 1)})",
            4 or 5 or 6 => Call(depth),
            7 => $"({Expression(depth + 1)} ? {Expression(depth + 1)} : {Expression(depth + 1)})",
            8 => $"({Expression(depth + 1)}){random.Pick([".size", ".a", "?.a", "[0]", "[-1]", "['a']", "?.[1]", ".first", ".year", ".empty?"])}",
            9 => $"[{Expression(depth + 1)}, {Expression(depth + 1)}]",
            _ => random.Pick(Atoms),
        };
    }

    private string Call(int depth)
    {
        var function = random.Pick(Functions);
        var least = function.Parameters.Count(p => !p.Optional && !p.IsRest);
        var arguments = Enumerable.Range(0, least + random.Next(function.Parameters.Length - least + 1)).Select(_ => Expression(depth + 1)).ToArray();
        return arguments.Length > 0 && random.Next(2) == 0
            ? $"({arguments[0]} | {string.Join(' ', [function.Name, .. arguments[1..].Select(a => $"({a})")])})"
            : $"({function.Name}({string.Join(", ", arguments)}))";
    }
}
