using System.Runtime.CompilerServices;

namespace Templater.Language;

// Deep templates need stack to compile and to run. When they run, a check in every so many levels is enough: so many always fit what a check leaves.
internal sealed partial class Compiler
{
    private const int LevelsBetweenGuards = 32;

    private int _depth;

    // isLenient: the value may be missing, because ?? or ?. follows.
    private ExpressionNode Compile(ExpressionSyntax expression, bool isLenient = false)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var isGuarded = ++_depth % LevelsBetweenGuards == 0;
        var node = CompileHere(expression, isLenient);
        _depth--;
        // Some nodes are told from others by what they are; they are shallow.
        return isGuarded && node is not (LiteralNode or AliasNode or AnonymousFunctionNode) ? new GuardNode(node) : node;
    }

    private BlockNode CompileBlock(BlockSyntax block)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var isGuarded = ++_depth % LevelsBetweenGuards == 0;
        var node = CompileBlockHere(block);
        _depth--;
        return isGuarded ? new GuardedBlockNode(node) : node;
    }
}
