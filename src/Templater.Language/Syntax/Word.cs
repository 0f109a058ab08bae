namespace Templater.Language;

/// <summary>The identifiers that mean something to the parser, at least in some places.</summary>
internal enum Word : byte
{
    /// <summary>Any other identifier.</summary>
    None,
    If,
    Else,
    End,
    For,
    In,
    Case,
    When,
    While,
    Break,
    Continue,
    Func,
    Import,
    ReadOnly,
    With,
    Capture,
    Ret,
    Wrap,
    Do,
    TableRow,
    Limit,
    Offset,
    Cols,
    Reversed,
    True,
    False,
    Null,
    This,
}
