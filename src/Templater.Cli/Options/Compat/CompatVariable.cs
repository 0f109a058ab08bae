namespace Templater.Cli.Options;

/// <summary>Tells what a text of another program's variable means here.</summary>
/// <param name="text">Not empty, without surrounding white space.</param>
/// <param name="variables">All variables: some programs say one thing by two of them.</param>
internal delegate CompatMeaning TranslateVariable(string text, IReadOnlyDictionary<string, string> variables);

/// <summary>A variable of another program. Immutable.</summary>
/// <param name="Name">Its name, as that program reads it.</param>
/// <param name="Meaning">For the documentation: the settings it sets, or why it has no effect.</param>
/// <param name="Translate">What a text of it means.</param>
internal sealed record CompatVariable(string Name, string Meaning, TranslateVariable Translate)
{
    /// <summary>What is legal for a truth value.</summary>
    public const string Booleans = "true or false (also 1, t, 0 and f)";

    /// <summary>True when its value must never be shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>True when only outputs for nginx act on it.</summary>
    public bool IsForNginx { get; init; }

    /// <summary>The setting beside which it has no effect; null = none.</summary>
    public SettingDefinition? VoidedBy { get; init; }

    /// <summary>What to say once when it is not set, in words that fit after its name and end without a full stop; null = nothing.</summary>
    public string? WhenAbsent { get; init; }

    /// <summary>One that means what a setting does.</summary>
    public static CompatVariable Same(string name, SettingDefinition setting) =>
        new(name, $"`{setting.Path}`", (text, _) => CompatMeaning.Of(setting, text));

    /// <summary>One whose setting has no other name.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="meaning">For the documentation.</param>
    public static CompatVariable Same(SettingDefinition setting, string meaning) => Same(setting.Path, setting) with { Meaning = meaning };

    /// <summary>A truth value whose setting has no other name.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="meaning">For the documentation.</param>
    public static CompatVariable Boolean(SettingDefinition<bool> setting, string meaning) => Boolean(setting.Path, setting) with { Meaning = meaning };

    /// <summary>A truth value, in the forms that programs written in Go take.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="setting">The setting.</param>
    /// <param name="whenTrue">The setting's text for true.</param>
    /// <param name="whenFalse">The setting's text for false.</param>
    public static CompatVariable Boolean(string name, SettingDefinition setting, string whenTrue = "true", string whenFalse = "false") =>
        new(name, whenTrue == "true" ? $"`{setting.Path}`" : $"`{setting.Path}`: `true` = `{whenTrue}`, `false` = `{whenFalse}`", (text, _) => Truth(text) switch
        {
            true => CompatMeaning.Of(setting, whenTrue),
            false => CompatMeaning.Of(setting, whenFalse),
            _ => CompatMeaning.Bad(Booleans),
        });

    /// <summary>Reads a truth value; null when it is none.</summary>
    /// <param name="text">The text.</param>
    public static bool? Truth(string text) => text switch
    {
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        _ => null,
    };

    /// <summary>One of a few words.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="setting">The setting.</param>
    /// <param name="words">The words with the setting's texts.</param>
    public static CompatVariable Choice(string name, SettingDefinition setting, params (string Word, string Text)[] words)
    {
        return new(name, $"`{setting.Path}`: {Pairs()}", (text, _) => Find(text) is { } found
            ? CompatMeaning.Of(setting, found)
            : CompatMeaning.Bad("one of " + string.Join(", ", Array.ConvertAll(words, static pair => pair.Word))));

        string? Find(string text)
        {
            foreach (var (word, meaning) in words)
                if (word == text)
                    return meaning;
            return null;
        }

        string Pairs() => string.Join(", ", Array.ConvertAll(words, static pair => $"`{pair.Word}` = `{pair.Text}`"));
    }

    /// <summary>One that nothing acts on.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="instead">What holds instead, in words that fit after "has no effect:".</param>
    public static CompatVariable WithoutEffect(string name, string instead) =>
        new(name, "no effect: " + instead, (_, _) => CompatMeaning.WithoutEffect(instead));
}
