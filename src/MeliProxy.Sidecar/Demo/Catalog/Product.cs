namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>Something that many sellers sell.</summary>
internal sealed record Product(
    int CategoryNumber, string Domain, string Spanish, string Portuguese, string Brand, string Model, int Dollars, int Grams);
