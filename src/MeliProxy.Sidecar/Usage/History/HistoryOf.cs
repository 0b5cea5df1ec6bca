namespace MeliProxy.Sidecar.Usage.History;

/// <summary>What a store tells of a time.</summary>
/// <param name="Range">The time, in steps no finer than what is stored of it.</param>
/// <param name="Since">When the store's knowledge begins, in Unix seconds; <see langword="null"/> if it is empty.</param>
/// <param name="Items">What it is about.</param>
internal sealed record HistoryOf<T>(HistoryRange Range, long? Since, IReadOnlyList<T> Items);
