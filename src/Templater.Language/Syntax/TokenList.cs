using System.Buffers;

namespace Templater.Language;

/// <summary>The tokens of a text, in memory that is used again once they are parsed.</summary>
internal sealed class TokenList(int capacity) : IDisposable
{
    private const int LeastCapacity = 64;

    private Token[] _tokens = ArrayPool<Token>.Shared.Rent(Math.Max(LeastCapacity, capacity));

    public int Count { get; private set; }

    public Token this[int index] => _tokens[index];

    public void Add(Token token)
    {
        if (Count == _tokens.Length)
            Grow();
        _tokens[Count++] = token;
    }

    public List<Token> ToList() => [.. _tokens.AsSpan(0, Count)];

    private void Grow()
    {
        var larger = ArrayPool<Token>.Shared.Rent(_tokens.Length * 2);
        _tokens.CopyTo(larger, 0);
        ArrayPool<Token>.Shared.Return(_tokens);
        _tokens = larger;
    }

    public void Dispose()
    {
        ArrayPool<Token>.Shared.Return(_tokens);
        _tokens = [];
        Count = 0;
    }
}
