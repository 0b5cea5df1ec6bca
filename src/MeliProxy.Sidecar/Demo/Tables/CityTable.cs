using System.Collections.Frozen;
using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Tables;

/// <summary>Where the users of each site live.</summary>
internal static class CityTable
{
    private static readonly FrozenDictionary<string, City[]> Cities = new City[]
    {
        new("MLA", "AR-C", "Capital Federal", "Palermo"),
        new("MLA", "AR-C", "Capital Federal", "Balvanera"),
        new("MLA", "AR-B", "Buenos Aires", "La Plata"),
        new("MLA", "AR-B", "Buenos Aires", "Mar del Plata"),
        new("MLA", "AR-X", "Córdoba", "Córdoba"),
        new("MLA", "AR-S", "Santa Fe", "Rosario"),
        new("MLA", "AR-M", "Mendoza", "Mendoza"),
        new("MLB", "BR-SP", "São Paulo", "São Paulo"),
        new("MLB", "BR-SP", "São Paulo", "Campinas"),
        new("MLB", "BR-RJ", "Rio de Janeiro", "Niterói"),
        new("MLB", "BR-MG", "Minas Gerais", "Belo Horizonte"),
        new("MLB", "BR-PR", "Paraná", "Curitiba"),
        new("MLB", "BR-RS", "Rio Grande do Sul", "Porto Alegre"),
        new("MLM", "MX-DIF", "Distrito Federal", "Iztapalapa"),
        new("MLM", "MX-JAL", "Jalisco", "Guadalajara"),
        new("MLM", "MX-NLE", "Nuevo León", "Monterrey"),
        new("MLM", "MX-PUE", "Puebla", "Puebla"),
        new("MLC", "CL-RM", "RM (Metropolitana)", "Santiago"),
        new("MLC", "CL-VS", "Valparaíso", "Viña del Mar"),
        new("MLC", "CL-BI", "Biobío", "Concepción"),
        new("MCO", "CO-DC", "Bogotá D.C.", "Chapinero"),
        new("MCO", "CO-ANT", "Antioquia", "Medellín"),
        new("MCO", "CO-VAC", "Valle del Cauca", "Cali"),
        new("MLU", "UY-MO", "Montevideo", "Pocitos"),
        new("MLU", "UY-CA", "Canelones", "Las Piedras"),
        new("MPE", "PE-LIM", "Lima", "Miraflores"),
        new("MPE", "PE-ARE", "Arequipa", "Cayma"),
        new("MLV", "VE-A", "Distrito Capital", "Caracas"),
        new("MLV", "VE-G", "Carabobo", "Valencia"),
        new("MEC", "EC-P", "Pichincha", "Quito"),
        new("MEC", "EC-G", "Guayas", "Guayaquil"),
        new("MBO", "BO-S", "Santa Cruz", "Santa Cruz de la Sierra"),
        new("MCR", "CR-SJ", "San José", "San José"),
        new("MRD", "DO-01", "Distrito Nacional", "Santo Domingo"),
        new("MPA", "PA-8", "Panamá", "Ciudad de Panamá"),
        new("MPY", "PY-ASU", "Asunción", "Asunción"),
        new("MGT", "GT-GU", "Guatemala", "Ciudad de Guatemala"),
        new("MHN", "HN-FM", "Francisco Morazán", "Tegucigalpa"),
        new("MNI", "NI-MN", "Managua", "Managua"),
        new("MSV", "SV-SS", "San Salvador", "San Salvador"),
    }.GroupBy(city => city.SiteId).ToFrozenDictionary(cities => cities.Key, cities => cities.ToArray());

    public static IReadOnlyList<City> Of(Site site) => Cities[site.Id];
}
