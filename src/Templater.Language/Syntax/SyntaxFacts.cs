namespace Templater.Language;

/// <summary>What is known about tokens without context: texts, keywords, precedences.</summary>
internal static class SyntaxFacts
{
    /// <summary>Precedence of the operators that take one value: tighter than all others.</summary>
    public const int UnaryPrecedence = 200;

    /// <summary>Looser than every operator.</summary>
    public const int LowestPrecedence = 0;

    /// <summary>Just above <c>||</c>, which separates the values of <c>when</c>.</summary>
    public const int WhenPrecedence = 35;

    /// <summary>The operator that a token stands for between two values; precedence 0 if none. Higher binds tighter; all group to the left.</summary>
    public static (BinaryOperator Operator, int Precedence) Binary(TokenKind kind) => kind switch
    {
        TokenKind.DoubleQuestion => (BinaryOperator.Coalesce, 20),
        TokenKind.QuestionExclamation => (BinaryOperator.NotNullThen, 20),
        TokenKind.DoublePipe => (BinaryOperator.Or, 30),
        TokenKind.DoubleAmpersand => (BinaryOperator.And, 40),
        TokenKind.DoubleEqual => (BinaryOperator.Equal, 70),
        TokenKind.NotEqual => (BinaryOperator.NotEqual, 70),
        TokenKind.Less => (BinaryOperator.Less, 80),
        TokenKind.LessOrEqual => (BinaryOperator.LessOrEqual, 80),
        TokenKind.Greater => (BinaryOperator.Greater, 80),
        TokenKind.GreaterOrEqual => (BinaryOperator.GreaterOrEqual, 80),
        TokenKind.Plus => (BinaryOperator.Add, 100),
        TokenKind.Minus => (BinaryOperator.Subtract, 100),
        TokenKind.Asterisk => (BinaryOperator.Multiply, 110),
        TokenKind.Slash => (BinaryOperator.Divide, 110),
        TokenKind.DoubleSlash => (BinaryOperator.DivideWhole, 110),
        TokenKind.Percent => (BinaryOperator.Modulo, 110),
        TokenKind.ShiftLeft => (BinaryOperator.ShiftLeft, 110),
        TokenKind.ShiftRight => (BinaryOperator.ShiftRight, 110),
        TokenKind.DoubleDot => (BinaryOperator.Range, 130),
        TokenKind.DoubleDotLess => (BinaryOperator.RangeExclusive, 130),
        _ => (default, 0),
    };

    /// <summary>The operator of a compound assignment; null for a plain one.</summary>
    public static BinaryOperator? CompoundAssignment(TokenKind kind) => kind switch
    {
        TokenKind.PlusEqual => BinaryOperator.Add,
        TokenKind.MinusEqual => BinaryOperator.Subtract,
        TokenKind.AsteriskEqual => BinaryOperator.Multiply,
        TokenKind.SlashEqual => BinaryOperator.Divide,
        TokenKind.DoubleSlashEqual => BinaryOperator.DivideWhole,
        TokenKind.PercentEqual => BinaryOperator.Modulo,
        TokenKind.DoubleQuestionEqual => BinaryOperator.Coalesce,
        _ => null,
    };

    public static bool IsAssignment(TokenKind kind) => kind == TokenKind.Equal || CompoundAssignment(kind) is not null;

    /// <summary>Whether an expression can begin with this token; so it is an argument when it follows a function's name.</summary>
    public static bool StartsArgument(TokenKind kind) => kind switch
    {
        TokenKind.Identifier or TokenKind.LocalName or TokenKind.Integer or TokenKind.HexInteger or TokenKind.BinaryInteger or TokenKind.Float
            or TokenKind.String or TokenKind.VerbatimString or TokenKind.InterpolatedWhole or TokenKind.InterpolatedBegin
            or TokenKind.OpenParenthesis or TokenKind.OpenBracket or TokenKind.OpenBrace
            or TokenKind.Exclamation or TokenKind.At or TokenKind.Caret or TokenKind.PlusPlus or TokenKind.MinusMinus => true,
        _ => false,
    };

    /// <summary>The members of what <c>for</c>, <c>while</c> and <c>tablerow</c> are inside their loop.</summary>
    public static string[]? LoopMembers(string loop) => loop switch
    {
        "while" => ["index", "first", "even", "odd"],
        "for" => ["index", "rindex", "first", "last", "even", "odd", "length", "changed"],
        "tablerow" => ["index", "rindex", "first", "last", "even", "odd", "length", "changed", "col", "col0", "col_first", "col_last"],
        _ => null,
    };

    /// <summary>What an identifier means to the parser.</summary>
    public static Word WordOf(ReadOnlySpan<char> identifier) => identifier switch
    {
        "if" => Word.If,
        "else" => Word.Else,
        "end" => Word.End,
        "for" => Word.For,
        "in" => Word.In,
        "case" => Word.Case,
        "when" => Word.When,
        "while" => Word.While,
        "break" => Word.Break,
        "continue" => Word.Continue,
        "func" => Word.Func,
        "import" => Word.Import,
        "readonly" => Word.ReadOnly,
        "with" => Word.With,
        "capture" => Word.Capture,
        "ret" => Word.Ret,
        "wrap" => Word.Wrap,
        "do" => Word.Do,
        "tablerow" => Word.TableRow,
        "limit" => Word.Limit,
        "offset" => Word.Offset,
        "cols" => Word.Cols,
        "reversed" => Word.Reversed,
        "true" => Word.True,
        "false" => Word.False,
        "null" => Word.Null,
        "this" => Word.This,
        _ => Word.None,
    };

    /// <summary>The fixed text of a token, or null when it varies.</summary>
    public static string? Text(TokenKind kind) => kind switch
    {
        TokenKind.CodeEnter => "{{",
        TokenKind.CodeExit => "}}",
        TokenKind.Semicolon => ";",
        TokenKind.OpenParenthesis => "(",
        TokenKind.CloseParenthesis => ")",
        TokenKind.OpenBracket => "[",
        TokenKind.CloseBracket => "]",
        TokenKind.OpenBrace => "{",
        TokenKind.CloseBrace => "}",
        TokenKind.Comma => ",",
        TokenKind.Colon => ":",
        TokenKind.Dot => ".",
        TokenKind.QuestionDot => "?.",
        TokenKind.Question => "?",
        TokenKind.DoubleQuestion => "??",
        TokenKind.QuestionExclamation => "?!",
        TokenKind.DoublePipe => "||",
        TokenKind.Pipe => "|",
        TokenKind.PipeGreater => "|>",
        TokenKind.DoubleAmpersand => "&&",
        TokenKind.Ampersand => "&",
        TokenKind.DoubleEqual => "==",
        TokenKind.NotEqual => "!=",
        TokenKind.Less => "<",
        TokenKind.LessOrEqual => "<=",
        TokenKind.Greater => ">",
        TokenKind.GreaterOrEqual => ">=",
        TokenKind.Plus => "+",
        TokenKind.PlusPlus => "++",
        TokenKind.Minus => "-",
        TokenKind.MinusMinus => "--",
        TokenKind.Asterisk => "*",
        TokenKind.Slash => "/",
        TokenKind.DoubleSlash => "//",
        TokenKind.Percent => "%",
        TokenKind.ShiftLeft => "<<",
        TokenKind.ShiftRight => ">>",
        TokenKind.DoubleDot => "..",
        TokenKind.DoubleDotLess => "..<",
        TokenKind.TripleDot => "...",
        TokenKind.Exclamation => "!",
        TokenKind.At => "@",
        TokenKind.Caret => "^",
        TokenKind.Equal => "=",
        TokenKind.PlusEqual => "+=",
        TokenKind.MinusEqual => "-=",
        TokenKind.AsteriskEqual => "*=",
        TokenKind.SlashEqual => "/=",
        TokenKind.DoubleSlashEqual => "//=",
        TokenKind.PercentEqual => "%=",
        TokenKind.DoubleQuestionEqual => "??=",
        _ => null,
    };

    public static string Text(BinaryOperator op)
    {
        foreach (var kind in Enum.GetValues<TokenKind>())
            if (Binary(kind) is { Precedence: > 0 } found && found.Operator == op)
                return Text(kind)!;
        return "";
    }
}
