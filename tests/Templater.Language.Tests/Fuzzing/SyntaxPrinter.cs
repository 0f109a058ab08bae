using System.Collections.Immutable;
using System.Text;

namespace Templater.Language.Tests;

/// <summary>Writes a tree as a template again: one form for each construct, without whitespace control.</summary>
/// <remarks>Literals are copied from the source. What is written parses to the same tree but for positions.</remarks>
internal sealed partial class SyntaxPrinter
{
    private readonly SourceText _source;
    private readonly StringBuilder _out = new();

    private SyntaxPrinter(SourceText source)
    {
        _source = source;
    }

    public static string Print(SourceText source, BlockSyntax tree)
    {
        var printer = new SyntaxPrinter(source);
        printer.Statements(tree.Statements);
        return printer._out.ToString();
    }

    private void Statements(ImmutableArray<StatementSyntax> statements)
    {
        for (var i = 0; i < statements.Length; i++)
        {
            if (statements[i] is StatementSyntax.Text text)
                Text(_source.Slice(text.Span), i + 1 < statements.Length ? statements[i + 1] as StatementSyntax.EnterCode : null);
            else
                Statement(statements[i]);
        }
    }

    // A brace that would begin a tag goes into an escape block, and so do blanks that would become the indent of the next tag.
    private void Text(string text, StatementSyntax.EnterCode? next)
    {
        if (next is { Indent: not null })
            BeginLine(text);
        var end = text.Length;
        while (next is { Indent: null } && end > 0 && text[end - 1] is ' ' or '\t')
            end--;
        for (var i = 0; i < end; i++)
        {
            if (text[i] == '{' && (i + 1 == end || text[i + 1] is '{' or '%'))
                _out.Append("{%%%{{}%%%}");
            else
                _out.Append(text[i]);
        }
        if (end < text.Length)
            _out.Append("{%%%{").Append(text, end, text.Length - end).Append("}%%%}");
    }

    // An indent is one only at the beginning of a line, whose line break may have been stripped.
    private void BeginLine(string text)
    {
        if (!text.Contains('\n', StringComparison.Ordinal) && _out.Length > 0 && _out[^1] != '\n')
            _out.Append("{%%%{~~}%%%}\n");
    }

    private void Statement(StatementSyntax statement)
    {
        switch (statement)
        {
            case StatementSyntax.EnterCode:
                _out.Append("{{ ");
                return;
            case StatementSyntax.ExitCode:
                _out.Append(" }}");
                return;
            case StatementSyntax.Expression { Value: var value }:
                Line(value);
                return;
            case StatementSyntax.If branching:
                If(branching);
                return;
            case StatementSyntax.Case choice:
                Case(choice);
                return;
            case StatementSyntax.For loop:
                For(loop);
                return;
            case StatementSyntax.While loop:
                Block("while ", loop.Condition, loop.Body);
                return;
            case StatementSyntax.Break:
                _out.Append("break; ");
                return;
            case StatementSyntax.Continue:
                _out.Append("continue; ");
                return;
            case StatementSyntax.Return { Value: var value }:
                Line("ret ", value);
                return;
            case StatementSyntax.FunctionDeclaration declaration:
                Declaration(declaration);
                return;
            case StatementSyntax.Capture capture:
                Block("capture ", capture.Target, capture.Body);
                return;
            case StatementSyntax.With with:
                Block("with ", with.Value, with.Body);
                return;
            case StatementSyntax.Wrap wrap:
                Block("wrap ", wrap.Target, wrap.Body);
                return;
            case StatementSyntax.Import { Value: var value }:
                Line("import ", value);
                return;
            case StatementSyntax.ReadOnly { Variable: var variable }:
                Line("readonly ", variable);
                return;
            default:
                throw new NotSupportedException(statement.GetType().Name);
        }
    }

    private void Line(string keyword, ExpressionSyntax? value)
    {
        _out.Append(keyword);
        if (value is not null)
            Expression(value);
        _out.Append("; ");
    }

    private void Line(ExpressionSyntax value) => Line("", value);

    private void Block(string keyword, ExpressionSyntax head, BlockSyntax body)
    {
        Line(keyword, head);
        Statements(body.Statements);
        _out.Append("end; ");
    }

    private void If(StatementSyntax.If branching)
    {
        var keyword = "if ";
        foreach (var branch in branching.Branches)
        {
            Line(keyword, branch.Condition);
            Statements(branch.Body.Statements);
            keyword = "else if ";
        }
        Else(branching.Else);
        _out.Append("end; ");
    }

    private void Else(BlockSyntax? body)
    {
        if (body is null)
            return;
        _out.Append("else; ");
        Statements(body.Statements);
    }

    private void Case(StatementSyntax.Case choice)
    {
        Line("case ", choice.Value);
        foreach (var when in choice.Whens)
        {
            _out.Append("when ");
            Separated(when.Values, Expression);
            _out.Append("; ");
            Statements(when.Body.Statements);
        }
        Else(choice.Else);
        _out.Append("end; ");
    }

    private void For(StatementSyntax.For loop)
    {
        _out.Append(loop.IsTable ? "tablerow " : "for ");
        Expression(loop.Variable);
        _out.Append(" in ");
        Expression(loop.Source);
        Option(" offset:", loop.Options.Offset);
        Option(" limit:", loop.Options.Limit);
        Option(" cols:", loop.Options.Columns);
        _out.Append(loop.Options.IsReversed ? " reversed; " : "; ");
        Statements(loop.Body.Statements);
        Else(loop.Else);
        _out.Append("end; ");
    }

    private void Option(string name, ExpressionSyntax? value)
    {
        if (value is null)
            return;
        _out.Append(name);
        Expression(value);
    }

    private void Declaration(StatementSyntax.FunctionDeclaration declaration)
    {
        if (declaration.Function.Inline is { } inline)
        {
            Expression(declaration.Target);
            Parameters(declaration.Function.Parameters);
            _out.Append(" = ");
            Line(inline);
            return;
        }
        _out.Append("func ");
        Expression(declaration.Target);
        Parameters(declaration.Function.Parameters);
        _out.Append("; ");
        Statements(declaration.Function.Body.Statements);
        _out.Append("end; ");
    }

    private void Parameters(ImmutableArray<ParameterSyntax>? parameters)
    {
        if (parameters is not { } list)
            return;
        _out.Append('(');
        Separated(list, parameter => _out.Append(_source.Slice(parameter.Span)));
        _out.Append(')');
    }

    private void Separated<T>(ImmutableArray<T> items, Action<T> print)
    {
        for (var i = 0; i < items.Length; i++)
        {
            if (i > 0)
                _out.Append(", ");
            print(items[i]);
        }
    }
}
