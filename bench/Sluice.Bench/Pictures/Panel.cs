namespace Sluice.Bench.Pictures;

/// <summary>A part of a picture: bars for one column of the table.</summary>
/// <param name="Column">The column of the table.</param>
/// <param name="Title">The title above the bars.</param>
internal sealed record Panel(string Column, string Title);
